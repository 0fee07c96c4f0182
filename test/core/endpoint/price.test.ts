import assert from 'node:assert/strict';

import fc from 'fast-check';

import { estimateCost, parsePrice, type Price } from '../../../src/core/endpoint/price.ts';
import { cards, genericCards, openrouterCards } from '../../../src/core/endpoint/providers/readers.ts';

const pricing = { prompt: '0.0000001', completion: '0.0000003', input_cache_read: '0.00000005' };

describe('price', () => {
  const read = (fields: object, value: object) =>
    cards({ ...openrouterCards, ...fields })({ data: [{ id: 'm', pricing: value }] }, '/models')[0]?.price;

  it('turns strings per token into dollars per million, exactly', () => {
    assert.deepEqual(read({}, pricing), {
      input: 0.1,
      output: 0.3,
      cachedInput: 0.05,
      source: '/models pricing',
    });
  });

  it('reads the surcharge for long prompts; what a tier does not say stays', () => {
    const overrides = [{ min_prompt_tokens: 200_000, prompt: '0.0000002' }];
    assert.deepEqual(read({}, { ...pricing, overrides })?.longContext, [
      { input: 0.2, output: 0.3, cachedInput: 0.05, fromPromptTokens: 200_000 },
    ]);
  });

  const none: [string, object, object][] = [
    ['a router that varies', {}, { prompt: '-1', completion: '-1' }],
    ['half a price', {}, { prompt: '0.1' }],
    ['text', {}, { prompt: 'free', completion: '' }],
    ['zeros where zero means nothing', genericCards, { prompt: '0', completion: '0' }],
  ];
  for (const [name, fields, value] of none)
    it(`is unknown: ${name}`, () => assert.equal(read(fields, value), undefined));

  it('is free where the list says so', () => {
    assert.equal(read({}, { prompt: '0', completion: '0' })?.input, 0);
  });

  const price: Price = {
    input: 1,
    output: 10,
    cachedInput: 0.25,
    longContext: [
      { fromPromptTokens: 200_000, input: 2, output: 20 },
      { fromPromptTokens: 500_000, input: 3, output: 30 },
    ],
    source: 'test',
  };
  const costs: [string, [number, number, number], number][] = [
    ['nothing', [0, 0, 0], 0],
    ['prompt and answer', [100_000, 0, 1000], 0.11],
    ['cached tokens at their own price', [100_000, 80_000, 0], 0.04],
    ['the surcharge holds for the whole request', [200_000, 0, 0], 0.4],
    ['cached tokens of a tier without their own price', [600_000, 600_000, 1000], 1.83],
    ['no more cached than sent', [100_000, 900_000, 0], 0.025],
  ];
  for (const [name, [promptTokens, cachedTokens, completionTokens], usd] of costs)
    it(`costs: ${name}`, () => {
      const cost = estimateCost(price, { promptTokens, cachedTokens, completionTokens });
      assert.ok(Math.abs(cost - usd) < 1e-12, String(cost));
    });

  it('law: a price survives JSON; anything else is read as a price or as none', () => {
    const rate = fc.double({ min: 1e-6, max: 1e4, noNaN: true }).map(n => Number(n.toPrecision(12)));
    const rates = { input: rate, output: rate };
    const prices = fc.record({ ...rates, cachedInput: rate, source: fc.string() }, { noNullPrototype: true });
    fc.assert(fc.property(prices, p => assert.deepEqual(parsePrice(JSON.parse(JSON.stringify(p))), p)));
    fc.assert(fc.property(fc.jsonValue(), v => void parsePrice(v)));
    assert.deepEqual(parsePrice(JSON.parse(JSON.stringify(price))), price);
  });
});
