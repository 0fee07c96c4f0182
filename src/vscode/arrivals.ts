/**
 * Whether a question that was handed to Chat reached the participant. Where it does not within a few seconds (Chat is
 * absent, off, or behind a sign-in), the answer opens as a document, and a late arrival must not ask, and pay, twice.
 */
export interface Arrivals {
  /** Resolves to true when the participant got `question`, to false after `patienceMs`. */
  expect(question: string, patienceMs: number): Promise<boolean>;
  /** Called by the participant. False: somebody else is answering this question already. */
  arrive(question: string): boolean;
}

export function createArrivals(): Arrivals {
  const waiting = new Map<string, () => void>();
  const takenOver = new Set<string>();
  return {
    expect: (question, patienceMs) =>
      new Promise(resolve => {
        takenOver.delete(question);
        const timer = setTimeout(() => {
          waiting.delete(question);
          takenOver.add(question);
          resolve(false);
        }, patienceMs);
        waiting.set(question, () => {
          clearTimeout(timer);
          waiting.delete(question);
          resolve(true);
        });
      }),
    arrive(question) {
      const key = question.trim();
      if (takenOver.delete(key)) return false;
      waiting.get(key)?.();
      return true;
    },
  };
}
