export * from './fetch/pull.js';
