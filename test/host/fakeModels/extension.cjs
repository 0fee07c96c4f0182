// Another extension with language models, as Copilot is one. What they answer is the test's to say.
const vscode = require('vscode');

exports.activate = context => {
  const models = {
    /** `{ id, maxInputTokens }` */
    list: [],
    /** (text, report, token) => Promise<void> */
    respond: async () => undefined,
    count: text => Math.ceil(text.length / 4),
  };
  const textOf = message =>
    typeof message === 'string' ? message : message.content.map(part => part.value ?? '').join('');
  const provider = {
    provideLanguageModelChatInformation: () =>
      models.list.map(({ id, maxInputTokens }) => ({
        id,
        name: id,
        family: id,
        version: '1',
        maxInputTokens,
        maxOutputTokens: 4096,
        capabilities: {},
      })),
    provideLanguageModelChatResponse: (_model, messages, _options, progress, token) =>
      models.respond(
        messages.map(textOf).join('\n'),
        text => progress.report(new vscode.LanguageModelTextPart(text)),
        token,
      ),
    provideTokenCount: async (_model, message) => models.count(textOf(message)),
  };
  context.subscriptions.push(vscode.lm.registerLanguageModelChatProvider('fake-vendor', provider));
  return models;
};
