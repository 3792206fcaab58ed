export * from './session/probe-provider.js';
