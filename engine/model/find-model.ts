export * from './find/find-model.js';
