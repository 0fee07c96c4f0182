import { define, json, openaiErrors } from './shared.ts';
import type { Errors } from '../system.ts';
import type { Reply } from '../types.ts';

/**
 * The whole service ended on 2026-07-06. What it answers since was not found; it is called a "sunset response".
 * Status and flat body here are an assumption in the style of its other errors.
 */
const sunset: Reply = json(
  {
    title: 'Gone',
    detail: 'The Llama API has been sunset and is no longer available.',
    status: 410,
  },
  410,
);

const errors: Errors = {
  ...openaiErrors,
  unauthorized: () => sunset,
  unknownModel: () => sunset,
  deadModel: () => sunset,
  overflow: () => sunset,
  notFound: () => sunset,
};

export const metaRetired = define({
  name: 'meta-retired',
  basePath: '/compat/v1',
  model: { id: 'Llama-4-Scout-17B-16E-Instruct-FP8', contextTokens: 128_000, maxOutputTokens: 4028 },
  errors,
  admit: () => sunset,
  routes: [{ method: 'GET', path: '/compat/v1/models', open: true, answer: () => sunset }],
});
