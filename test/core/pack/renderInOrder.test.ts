import assert from 'node:assert/strict';

import fc from 'fast-check';

import { createSpareArena, spareBlock } from '../../../src/core/pack/arena.ts';
import type { RenderFile } from '../../../src/core/pack/measureProtocol.ts';
import { apart, joined } from '../../../src/core/pack/segments.ts';
import { ahead, renderInOrder, type RenderBatch } from '../../../src/core/pack/renderInOrder.ts';

const file = (n: number): RenderFile => ({ path: `${n}`, absolutePath: `/${n}`, hash: '' });

describe('rendering in order', () => {
  it('law: gives every segment once, in order, whichever batch is ready first, from a few blocks of memory', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(5), { maxLength: 40 }), fc.scheduler(), async (sizes, scheduler) => {
        let next = 0;
        const batches = sizes.map(size => Array.from({ length: size }, () => file(next++)));
        const made = new Set<ArrayBuffer>();
        const inUse = new Set<ArrayBuffer>();
        const render: RenderBatch = async (files, spare) => {
          await scheduler.schedule(Promise.resolve());
          const blocks = [...spare];
          const allocate = createSpareArena(blocks);
          const segments = files.map(({ path }) => {
            const segment = allocate(path.length);
            segment.write(path);
            return segment;
          });
          for (const block of blocks) {
            assert.ok(!inUse.has(block), 'memory that somebody still reads');
            inUse.add(block);
            made.add(block);
          }
          return { kind: 'rendered', ...joined(segments), blocks };
        };
        const seen: string[] = [];
        const done = renderInOrder(batches, render, async segments => {
          await scheduler.schedule(Promise.resolve());
          for (const segment of apart(segments)) {
            assert.ok(segment !== null);
            seen.push(Buffer.from(segment).toString());
            inUse.delete(segment.buffer as ArrayBuffer);
          }
        });
        await scheduler.waitFor(done);
        assert.deepEqual(
          seen,
          Array.from({ length: next }, (_, n) => `${n}`),
        );
        assert.ok(made.size <= ahead + 1, `${made.size} blocks`);
      }),
    );
  });

  it('uses all blocks again of batches that need many', async () => {
    const made = new Set<ArrayBuffer>();
    const render: RenderBatch = (files, spare) => {
      const blocks = [...spare];
      while (blocks.length < 5) blocks.push(new ArrayBuffer(8));
      for (const block of blocks) made.add(block);
      return Promise.resolve({ kind: 'rendered', ...joined(files.map(() => null)), blocks });
    };
    const batches = Array.from({ length: 500 }, (_, n) => [file(n)]);
    await renderInOrder(batches, render, () => Promise.resolve());
    assert.ok(made.size <= 5 * ahead, `${made.size} blocks`);
  });

  it('fails with the first failure, and leaves no other unheard', async () => {
    const batches = Array.from({ length: 20 }, (_, n) => [file(n)]);
    const render: RenderBatch = files =>
      Number(files[0]?.path) < 3
        ? Promise.resolve({ kind: 'rendered', ...joined([null]) })
        : Promise.reject(new Error(`no ${files[0]?.path}`));
    let taken = 0;
    const take = () => Promise.resolve(void taken++);
    await assert.rejects(renderInOrder(batches, render, take), /no 3/);
    assert.equal(taken, 3);
  });
});

describe('memory for segments', () => {
  for (const [name, arena] of [
    ['new', () => createSpareArena([])],
    ['used before', () => createSpareArena([new ArrayBuffer(spareBlock)])],
  ] as const)
    it(`law: ${name}, no two overlap, whatever their sizes`, () => {
      const size = fc.oneof(fc.nat(100), fc.nat(200_000), fc.constant(spareBlock), fc.constant(0));
      fc.assert(
        fc.property(fc.array(size, { maxLength: 30 }), sizes => {
          const allocate = arena();
          const buffers = sizes.map((bytes, i) => allocate(bytes).fill(i + 1));
          buffers.forEach((buffer, i) => {
            assert.equal(buffer.length, sizes[i]);
            assert.ok(buffer.every(byte => byte === i + 1));
          });
        }),
        { numRuns: 40 },
      );
    });
});
