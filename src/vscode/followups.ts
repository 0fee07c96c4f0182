import type * as vscode from 'vscode';

import { metadataOf } from './chatTurns.ts';
import { chat } from './ids.ts';

/** Suggests what the answer itself gave rise to; see `followupsOf`. Nothing is sent to find out. */
export const followupProvider: vscode.ChatFollowupProvider = {
  provideFollowups: result =>
    (metadataOf(result).followups ?? []).map(({ label, prompt, command }) => ({
      label,
      prompt,
      participant: chat.participant,
      // Without one, Chat would repeat the command of the answered question.
      command: command ?? '',
    })),
};
