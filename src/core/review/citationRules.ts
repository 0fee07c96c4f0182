/** Tells the model the one citation form that can be verified. Part of every prompt, so it is short. */
export const citationRules = `Cite every claim about code like this: \`src/a.ts:12-14\` "exact quote".
- The path is the one in the file's header. \`10|\` before a line says that it is line 10; it is not in the file.
- The quote is 10 to 80 characters copied from one of those lines; use back-ticks if it contains ". Never paraphrase, never quote a lone brace or keyword.
- Cite only files shown above. If you are unsure of the line, the exact quote matters more.`;
