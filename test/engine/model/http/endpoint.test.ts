import { describe, expect, test } from 'vitest';
import { endpointOf, spaceOf } from '../../../../engine/model/http/endpoint.js';

describe('the endpoint of', () => {
  test.each([
    ['https://api.openai.com/v1', 'https://api.openai.com/v1/embeddings'],
    ['https://api.openai.com/v1/', 'https://api.openai.com/v1/embeddings'],
    ['http://localhost:11434', 'http://localhost:11434/v1/embeddings'],
    ['http://gpu-1:8000/v1/embeddings', 'http://gpu-1:8000/v1/embeddings'],
    ['http://gpu-1:7997/embeddings/', 'http://gpu-1:7997/embeddings'],
    ['https://gateway.example/team/openai/v1', 'https://gateway.example/team/openai/v1/embeddings'],
  ])('%s is %s', (url, endpoint) => {
    expect(endpointOf(url)?.href).toBe(endpoint);
  });

  test.each([
    '',
    'api.openai.com/v1',
    'ftp://host/v1',
    'file:///v1',
    'https://user:secret@host/v1',
    'https://user@host/v1',
    'https://host/v1?key=secret',
    'https://host/v1?',
    'https://host/v1#secret',
  ])('%j is undefined', (url) => {
    expect(endpointOf(url)).toBeUndefined();
  });
});

test('a space is named by host, path and model', () => {
  expect(spaceOf(endpointOf('https://api.openai.com/v1') as URL, 'text-embedding-3-small')).toBe(
    'api.openai.com/v1/text-embedding-3-small',
  );
});
