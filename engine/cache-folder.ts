export * from './files/cache-folder.js';
