import { LongviewError } from '../errors.ts';
import { counterIdOf, o200k, type CounterSource } from './counterSource.ts';
import { repositoryBound } from './estimate.ts';
import { familyName, modelFamily, type ModelFamily } from './modelFamily.ts';
import type { OwnTokenizer } from './tokenizerFile.ts';

/** How a model's tokens are counted: with its own vocabulary, or by an estimate that says how far off it may be. */
export type CounterChoice =
  | {
      readonly kind: 'exact';
      readonly family: ModelFamily;
      readonly counterId: string;
      readonly source: CounterSource;
    }
  | {
      readonly kind: 'estimate';
      readonly family: ModelFamily;
      /** What is counted with. */
      readonly base: 'o200k';
      /** `llama4`: by language and script, from what was measured. `plain`: the count as it is. */
      readonly method: 'llama4' | 'plain';
      /** The true count is expected within this share of the estimate, either way. */
      readonly errorBound: number;
      /** Why it is no exact count, a sentence. */
      readonly why: string;
    };

/**
 * How far o200k's count may be from the family's own, over a whole workspace. Llama 4 is measured
 * (reference/tokenizer.md 3), Llama 3 follows from the same table. The others are **assumed**, and wide on purpose:
 * they hold until the first reply's `usage` (learnedRatio.ts) or the user's own tokenizer file says better. Qwen and
 * Mistral count each digit, and Claude's vocabularies are known to need a third more for code.
 */
const estimateBounds: Readonly<Record<Exclude<ModelFamily, 'o200k' | 'cl100k'>, number>> = {
  llama4: repositoryBound,
  llama3: 0.06,
  qwen: 0.2,
  deepseek: 0.2,
  gemma: 0.2,
  gemini: 0.2,
  mistral: 0.25,
  claude: 0.4,
  other: 0.25,
};

/**
 * The counter for a model by its name, or by the user's own copy of its tokenizer. Throws `bad-settings` where that
 * copy is of another family: its counts would be wrong and look exact.
 */
export function chooseCounter(model: string, own?: OwnTokenizer): CounterChoice {
  const family = modelFamily(model);
  if (own !== undefined) {
    if (!fits(family, own)) throw wrongTokenizer(model, family, own);
    const { path, counterId } = own;
    return { kind: 'exact', family, counterId, source: { kind: 'file', path, counterId } };
  }
  if (family === 'o200k' || family === 'cl100k')
    return exactly({ kind: 'encoding', encoding: family }, family);
  return {
    kind: 'estimate',
    family,
    base: 'o200k',
    method: family === 'llama4' ? 'llama4' : 'plain',
    errorBound: estimateBounds[family],
    why:
      family === 'other'
        ? 'Nothing is known of the tokenizer of this model.'
        : `Longview does not ship the tokenizer of ${familyName(family)}; your own copy of it makes the count exact.`,
  };
}

/** A counter that was chosen by hand, whatever the model is called. */
export function exactly(source: CounterSource, family: ModelFamily = 'other'): CounterChoice {
  return { kind: 'exact', family, counterId: counterIdOf(source), source };
}

/** What to count with in the workers. */
export function sourceOf(choice: CounterChoice): CounterSource {
  return choice.kind === 'exact' ? choice.source : o200k;
}

/** Families that a file is recognised as need that very file; of the others it must only not be one of those. */
function fits(family: ModelFamily, { family: ofFile }: OwnTokenizer): boolean {
  switch (family) {
    case 'o200k':
    case 'cl100k':
    case 'llama3':
    case 'llama4':
      return ofFile === family;
    case 'other':
      return true;
    default:
      return ofFile === 'other';
  }
}

function wrongTokenizer(model: string, family: ModelFamily, own: OwnTokenizer): LongviewError {
  const what = own.family === 'other' ? 'of no model Longview knows' : `of ${familyName(own.family)}`;
  return new LongviewError(
    'bad-settings',
    `The tokenizer file ${own.path} is ${what}, and ${model} is a model of ${familyName(family)}: its counts would be wrong.`,
    'Name the tokenizer of that model, or none.',
  );
}
