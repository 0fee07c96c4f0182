export type LlamaModel = 'scout' | 'maverick';

/** What Meta's model cards say; the windows are `advertised`, tokens. */
const modelCards: Readonly<Record<LlamaModel, { readonly name: string; readonly windowTokens: number }>> = {
  scout: { name: 'Llama 4 Scout', windowTokens: 10_485_760 },
  maverick: { name: 'Llama 4 Maverick', windowTokens: 1_048_576 },
};

const named = /llama[-_ ]?4[-_:. ]?(scout|maverick)/i;
/** Ollama's names that do not say which: the plain tag is Scout, sizes are `16x17b` and `128x17b`. */
const ollamaScout = /^(?:library\/)?llama4(?::latest|:16x17b[\w.-]*)?$/i;
const ollamaMaverick = /^(?:library\/)?llama4:128x17b/i;

/** Which Llama 4 a model id names, however a host spells it; undefined for all else. */
export function llamaModel(id: string): LlamaModel | undefined {
  const name = named.exec(id)?.[1]?.toLowerCase();
  if (name === 'scout' || ollamaScout.test(id)) return 'scout';
  if (name === 'maverick' || ollamaMaverick.test(id)) return 'maverick';
  return undefined;
}

export function modelCard(id: string): { readonly name: string; readonly windowTokens: number } | undefined {
  const which = llamaModel(id);
  return which === undefined ? undefined : modelCards[which];
}

export interface LicenceNote {
  readonly title: string;
  readonly text: string;
  readonly url: string;
}

/** What a user of a Llama 4 model should know once; undefined for other models. */
export function licenceNote(modelId: string): LicenceNote | undefined {
  const card = modelCard(modelId);
  if (card === undefined) return undefined;
  return {
    title: `${card.name} comes under the Llama 4 Community License`,
    text:
      'Its rights do not extend to individuals who live in, or companies with their principal place of business in, the European Union, because Llama 4 is multimodal; end users of products that contain it are not affected. ' +
      'Whoever had more than 700 million monthly active users at its release needs a licence from Meta. ' +
      'A product or service built with it shows “Built with Llama”.',
    url: 'https://www.llama.com/llama4/license/',
  };
}
