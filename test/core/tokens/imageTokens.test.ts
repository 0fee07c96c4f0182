import assert from 'node:assert/strict';

import fc from 'fast-check';

import {
  generousImageTokens,
  imageCountingOf,
  llama4Canvas,
  llama4ImageTokens,
  openaiPatchTokens,
  openaiTileTokens,
} from '../../../src/core/tokens/imageTokens.ts';

const size = (width: number, height: number) => ({ width, height });
const sides = fc.integer({ min: 1, max: 20_000 });

describe('tokens of images', () => {
  describe('Llama 4', () => {
    it('fits images into canvases as the examples of llama-models and transformers say', () => {
      // get_best_fit: 200 high, 300 wide, tiles of 224 → 224 × 448, not 224 × 672.
      assert.deepEqual(pick(llama4Canvas(size(300, 200), 224, 3)), [1, 2]);
      // test_image_processing_llama4.py: 400 × 400 at tiles of 20 fills all 16.
      assert.deepEqual(pick(llama4Canvas(size(400, 400), 20, 16)), [4, 4]);
    });

    it('one tile is its own whole: 144 patches between start, image and end', () => {
      for (const [w, h] of [
        [336, 336],
        [1, 1],
        [100, 336],
        [336, 20],
      ] as const)
        assert.equal(llama4ImageTokens(size(w, h)), 147);
    });

    it('more tiles have a separator each, and the whole picture after them', () => {
      assert.equal(llama4ImageTokens(size(672, 336)), 2 * 144 + 2 + 144 + 3);
      assert.equal(llama4ImageTokens(size(336, 672)), 2 * 144 + 2 + 144 + 3);
      assert.equal(llama4ImageTokens(size(1024, 768)), 12 * 145 + 147);
      assert.equal(llama4ImageTokens(size(1344, 1344)), 16 * 145 + 147);
    });

    it('law: the same as going through every canvas the way the reference does', () => {
      fc.assert(
        fc.property(sides, sides, (width, height) => {
          const canvas = referenceCanvas(width, height);
          const separators = canvas.h * (canvas.w - 1) + canvas.h;
          const expected = canvas.h * canvas.w === 1 ? 147 : (canvas.h * canvas.w + 1) * 144 + separators + 3;
          assert.equal(llama4ImageTokens(size(width, height)), expected);
        }),
        { numRuns: 1000 },
      );
    });
  });

  describe('OpenAI', () => {
    it('counts the documented examples', () => {
      assert.equal(openaiTileTokens(size(1024, 1024), 85, 170), 765);
      assert.equal(openaiTileTokens(size(2048, 4096), 85, 170), 1105);
      assert.equal(openaiPatchTokens(size(1024, 1024), 1), 1024);
      // 1,452 after scaling; billed up to the cap.
      assert.equal(openaiPatchTokens(size(1800, 2400), 1), 1536);
    });

    it('counts what was billed for 128 × 64, text apart', () => {
      assert.equal(imageCountingOf('gpt-4o-2024-11-20').tokens(size(128, 64)), 267 - 12);
      assert.equal(imageCountingOf('openai/gpt-4.1').tokens(size(128, 64)), 267 - 12);
      assert.equal(imageCountingOf('gpt-4o-mini-2024-07-18').tokens(size(128, 64)), 8512 - 12);
      assert.equal(imageCountingOf('o3-2025-04-16').tokens(size(128, 64)), 236 - 11);
    });

    it('picks the rule by the model', () => {
      assert.equal(imageCountingOf('gpt-4.1-mini').tokens(size(64, 64)), Math.ceil(4 * 1.62));
      assert.equal(imageCountingOf('gpt-5-nano').tokens(size(64, 64)), Math.ceil(4 * 2.46));
      assert.equal(imageCountingOf('o4-mini').tokens(size(64, 64)), Math.ceil(4 * 1.72));
      assert.equal(imageCountingOf('gpt-5').tokens(size(512, 512)), 210);
      assert.equal(imageCountingOf('meta-llama/llama-4-scout').tokens(size(336, 336)), 147);
    });
  });

  it('law: the generous estimate is above every rule it stands for', () => {
    fc.assert(
      fc.property(sides, sides, (width, height) => {
        const most = generousImageTokens(size(width, height));
        assert.ok(most >= llama4ImageTokens(size(width, height)));
        assert.ok(most >= openaiTileTokens(size(width, height), 85, 170));
        assert.ok(most >= openaiPatchTokens(size(width, height), 2.46));
        assert.ok(most <= 16_386);
      }),
    );
  });

  it('an unknown model is told to be unknown', () => {
    const { note, tokens } = imageCountingOf('my-deployment');
    assert.match(note, /not known/);
    assert.equal(tokens(size(500, 500)), generousImageTokens(size(500, 500)));
  });
});

function pick({ rows, columns }: { readonly rows: number; readonly columns: number }) {
  return [rows, columns];
}

/** `get_best_fit` step by step: scales of all canvases, those that enlarge, the least of them, the smallest area. */
function referenceCanvas(width: number, height: number): { readonly h: number; readonly w: number } {
  const canvases: { h: number; w: number; scale: number }[] = [];
  for (let tiles = 16; tiles > 0; tiles--)
    for (let h = 1; h <= tiles; h++) {
      if (tiles % h !== 0) continue;
      const w = tiles / h;
      const [sh, sw] = [Math.fround((h * 336) / height), Math.fround((w * 336) / width)];
      canvases.push({ h, w, scale: sh > sw ? sw : sh });
    }
  const scales = canvases.map(c => c.scale);
  const larger = scales.filter(s => s >= 1);
  const scale = larger.length > 0 ? Math.min(...larger) : Math.max(...scales.filter(s => s < 1));
  const chosen = canvases.filter(c => c.scale === scale);
  return chosen.sort((a, b) => a.h * a.w - b.h * b.w)[0] ?? assert.fail();
}
