import assert from 'node:assert/strict';

import { describeRefusal } from '../../../src/core/endpoint/failure.ts';
import { imageSupport, noteImagesRefused, readsImages } from '../../../src/core/endpoint/imageSupport.ts';
import type { Endpoint, EndpointConfig } from '../../../src/core/endpoint/types.ts';

const endpoint = (config: Partial<EndpointConfig>, kind: Endpoint['kind'] = 'server'): Endpoint => ({
  config: { id: 'x', baseUrl: 'https://example.com/v1', model: 'm', ...config },
  kind,
  fetch,
  apiKey: async () => undefined,
});

describe('imageSupport', () => {
  it('goes by the model, whatever a host calls it', () => {
    for (const model of [
      'meta-llama/llama-4-scout',
      'us.meta.llama4-maverick-17b-instruct-v1:0',
      'llama4:scout',
    ])
      assert.equal(readsImages(model), 'yes', model);
    for (const model of [
      'gpt-4o',
      'openai/gpt-4.1-mini',
      'o3',
      'claude-sonnet-4',
      'pixtral-large',
      'Qwen2.5-VL-7B',
    ])
      assert.equal(readsImages(model), 'yes', model);
    for (const model of [
      'gpt-oss-120b',
      'o3-mini',
      'llama-3.3-70b',
      'deepseek-r1',
      'codestral',
      'qwen2.5-coder',
    ])
      assert.equal(readsImages(model), 'no', model);
    for (const model of ['my-deployment', 'm', 'qwen3-max'])
      assert.equal(readsImages(model), 'unknown', model);
  });

  it('what the user says outweighs the name', () => {
    assert.equal(imageSupport(endpoint({ images: true })).kind, 'takes');
    assert.equal(imageSupport(endpoint({ model: 'gpt-4o', images: false })).kind, 'none');
  });

  it('hosts have limits of their own, and some do not tell by the name', () => {
    const groq = imageSupport(
      endpoint({
        baseUrl: 'https://api.groq.com/openai/v1',
        model: 'meta-llama/llama-4-scout-17b-16e-instruct',
      }),
    );
    assert.equal(groq.kind === 'takes' && groq.limits.most, 5);
    assert.equal(imageSupport(endpoint({ provider: 'llamacpp', model: 'llama-4-scout' })).kind, 'none');
    assert.equal(imageSupport(endpoint({ provider: 'vscode', model: 'copilot/gpt-4o' })).kind, 'none');
    assert.equal(imageSupport(endpoint({ model: 'gpt-4o' }, 'offline')).kind, 'none');
  });

  it('a refusal is remembered for that model there', () => {
    const config = { baseUrl: 'https://refuses.example/v1', model: 'gpt-4o' };
    noteImagesRefused(endpoint(config).config);
    assert.equal(imageSupport(endpoint(config)).kind, 'none');
    assert.equal(imageSupport(endpoint({ ...config, model: 'gpt-4.1' })).kind, 'takes');
    assert.equal(imageSupport(endpoint({ ...config, images: true })).kind, 'takes');
  });
});

describe('a refusal of images', () => {
  const code = (status: number, message: string, images = true) =>
    describeRefusal(endpoint({}), {
      status,
      headers: {},
      body: JSON.stringify({ error: { message } }),
      ...(images && { images: true }),
    }).code;

  const words: readonly (readonly [status: number, message: string])[] = [
    [400, 'this model does not support image input'],
    [404, 'No endpoints found that support image input'],
    [400, 'facebook/opt-125m is not a multimodal model None'],
    [400, 'At most 1 image(s) may be provided in one request.'],
    [500, 'image input is not supported - hint: if this is unexpected, you may need to provide the mmproj'],
    [500, 'Failed to parse messages: Unsupported content part type: "image_url"; messages = ['],
    [400, 'Invalid content type. image_url is only supported by certain models.'],
    [400, 'messages[1].content: value must be a string'],
    [400, 'height:10 or width:10 must be larger than factor:28'],
    [413, 'Request Entity Too Large'],
  ];
  for (const [status, message] of words)
    it(`${status}: ${message.slice(0, 60)}`, () => assert.equal(code(status, message), 'images-refused'));

  it('is none where no image was sent, or something else is wrong', () => {
    assert.notEqual(code(400, 'this model does not support image input', false), 'images-refused');
    assert.equal(code(401, 'Invalid key; images need another'), 'auth');
    assert.equal(code(429, 'Rate limit reached for images per minute'), 'rate-limited');
    assert.equal(
      code(400, "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens."),
      'over-limit',
    );
    assert.equal(code(500, 'Internal Server Error'), 'refused');
  });
});
