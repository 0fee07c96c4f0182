import { lintSource } from '@secretlint/core';
import { rules } from '@secretlint/secretlint-rule-preset-recommend';

/** What secretlint itself finds in a whole file; comments that switch it off count for nothing. */
export async function secretlint(path: string, content: string): Promise<{ rule: string; secret: string }[]> {
  const result = await lintSource({
    source: {
      content,
      filePath: path,
      ext: /\.[^./]*$/.exec(path)?.[0] ?? '',
      contentType: 'text',
    },
    options: {
      noPhysicFilePath: true,
      config: {
        rules: rules
          .filter(rule => !rule.meta.id.endsWith('filter-comments'))
          .map(rule => ({ id: rule.meta.id, rule })),
      },
    },
  });
  return result.messages.map(message => ({
    rule: message.messageId,
    secret: String(Object.values(message.data ?? {})[0]),
  }));
}
