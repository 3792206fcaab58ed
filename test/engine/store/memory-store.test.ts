import { MemoryStore } from '../../support/memory-store.js';
import { describeObjectStore } from './contract.js';

describeObjectStore('the store in memory that tests use', async () => new MemoryStore('memory:///test'));
