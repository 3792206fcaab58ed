import { describe, expect, it } from 'vitest';
import { partGate } from '../../../engine/steps/part-gate.js';

type Stage = Parameters<ReturnType<typeof partGate>['acquire']>[0];

/**
 * Admits everyone who asks during another's turn, and returns the order in which their turns came.
 */
async function orderOf(stages: readonly Stage[]): Promise<string[]> {
  const gate = partGate();
  const open = await gate.acquire('embed');
  const order: string[] = [];
  const turns = stages.map(async (stage, asked) => {
    const end = await gate.acquire(stage);
    order.push(`${stage} ${asked}`);
    void end();
  });
  void open();
  await Promise.all(turns);
  return order;
}

describe('the part gate', () => {
  it('admits nobody else until a turn is over', async () => {
    const gate = partGate();
    const end = await gate.acquire('embed');
    const admitted: string[] = [];
    const chunk = gate.acquire('chunk').then((next) => {
      admitted.push('chunk');
      return next;
    });
    const embed = gate.acquire('embed').then(() => admitted.push('embed'));
    await Promise.resolve();
    expect(admitted).toEqual([]);
    end();
    const endChunk = await chunk;
    expect(admitted).toEqual(['chunk']);
    endChunk();
    await embed;
    expect(admitted).toEqual(['chunk', 'embed']);
  });

  it('admits chunk parts before others, and otherwise in the order of arrival', async () => {
    expect(await orderOf(['embed', 'quantise', 'chunk', 'embed', 'chunk'])).toEqual([
      'chunk 2',
      'chunk 4',
      'embed 0',
      'quantise 1',
      'embed 3',
    ]);
  });

  it('lets a turn that is ended twice end only itself', async () => {
    const gate = partGate();
    const end = await gate.acquire('embed');
    const second = gate.acquire('embed');
    let thirdCame = false;
    const third = gate.acquire('embed').then((next) => {
      thirdCame = true;
      return next;
    });
    end();
    end();
    const endSecond = await second;
    await new Promise(setImmediate);
    expect(thirdCame).toBe(false);
    endSecond();
    (await third)();
    (await gate.acquire('chunk'))();
  });

  it('reports that the sessions have work again after the chunk parts that waited', async () => {
    const gate = partGate();
    const end = await gate.acquire('embed');
    const chunks = [gate.acquire('chunk'), gate.acquire('chunk')];
    const next = gate.acquire('embed');
    const said: string[] = [];
    const handedOn = end().then(() => said.push('handed on'));
    for (const [number, chunk] of chunks.entries()) {
      const endChunk = await chunk;
      await new Promise(setImmediate);
      said.push(`chunk ${number}`);
      void endChunk();
    }
    const endNext = await next;
    await handedOn;
    expect(said).toEqual(['chunk 0', 'chunk 1', 'handed on']);
    await endNext();
  });

  it('reports it at once if only chunk parts wait', async () => {
    const gate = partGate();
    const end = await gate.acquire('chunk');
    const next = gate.acquire('chunk');
    await end();
    await (await next)();
  });

  it('reports it at once if nobody waits', async () => {
    const gate = partGate();
    await (await gate.acquire('chunk'))();
    const end = await gate.acquire('embed');
    expect(await Promise.all([end(), end()])).toEqual([undefined, undefined]);
  });
});
