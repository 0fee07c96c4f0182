/** Text on its way to Chat: as it comes, but not token by token. */
export interface TextBatch {
  push(text: string): void;
  /** Shows what waits now; call it before anything else is shown, and at the end. */
  flush(): void;
}

/** Every part of an answer is a message to the window and drawn by itself; the eye needs no more than this, ms. */
const showEveryMs = 60;

/** Shows what comes first at once, and what follows soon after it together. */
export function createTextBatch(show: (text: string) => void, everyMs = showEveryMs): TextBatch {
  let waiting = '';
  let timer: NodeJS.Timeout | undefined;
  function showWaiting(): void {
    const text = waiting;
    waiting = '';
    if (text !== '') show(text);
  }
  function rest(): void {
    timer = setTimeout(() => {
      timer = undefined;
      if (waiting === '') return;
      showWaiting();
      rest();
    }, everyMs);
  }
  return {
    push(text) {
      waiting += text;
      if (timer !== undefined) return;
      showWaiting();
      rest();
    },
    flush() {
      clearTimeout(timer);
      timer = undefined;
      showWaiting();
    },
  };
}
