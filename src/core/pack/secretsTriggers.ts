/** Where secretlint's rules can find something, so that they need to look at little else. */
export interface Trigger {
  /** Every match of the rules this stands for contains one of the literals: see `LiteralScan`. */
  readonly literals: readonly string[];
  /**
   * Must match at the literal if a rule is to match there: the rule's own pattern or a wider one, without what it
   * looks ahead to. The end of its match tells how far the rule may read.
   */
  readonly guard: RegExp;
  /** Characters before the literal that a rule may read. */
  readonly before: number;
  /** The guard's match has no longest length; whatever begins inside of it ends with it. */
  readonly endless: boolean;
}

/** What a rule looks at on either side of its match (`\b`, `(?<!\p{L})`), with room to spare. */
const around = 64;

const trigger = (literals: readonly string[], guard: RegExp, before = 0, endless = false): Trigger => ({
  literals,
  guard,
  before: before + around,
  endless,
});

/** By the patterns of @secretlint/secretlint-rule-preset-recommend 13.0.7; secretsTriggers.test.ts holds them to it. */
export const triggers: readonly Trigger[] = [
  trigger(
    ['secret_access', 'secretaccess'],
    /secret_?access_?key["']?\s*(?::|=>|=)\s*["']?[A-Za-z0-9/+=]{40}/iy,
    8,
  ),
  trigger(['x-oauth-basic'], /x-oauth-basic@github.com\//y, 300),
  trigger(['npm_'], /npm_[A-Za-z0-9_]{36}/y),
  // Basic authentication and database connections. The longest thing in front is `mongodb+srv`.
  trigger(['://'], /:\/\/[^:/\s]{1,256}:[^@/\s]{1,256}@[^/\s?]{1,300}/y, 24),
  trigger(
    ['xoxb-', 'xoxp-', 'xapp-', 'xoxa-', 'xoxo-', 'xoxr-'],
    /(?:xox[bpaor]|xapp)-(?:[a-zA-Z0-9]{1,40}-)+[a-zA-Z0-9]{1,40}/y,
    0,
    true,
  ),
  trigger(
    ['hooks.slack.com/'],
    /hooks\.slack\.com\/services\/T[a-z0-9]{1,40}\/B[a-z0-9]{1,40}\/[a-z0-9]{1,40}/iy,
    16,
  ),
  trigger(['SG.'], /SG\.\w{1,128}\.\w{1,128}[-_]?\w{1,128}/y),
  trigger(['shppa_', 'shpca_', 'shpat_', 'shpss_'], /shp(?:pa|ca|at|ss)_[a-zA-Z0-9]{32,64}/y),
  trigger(['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_'], /[sr]k_(?:live|test)_[a-zA-Z0-9]{24,99}/y),
  trigger(
    ['ghs_'],
    /ghs_(?:[0-9]{1,20}_[A-Za-z0-9_-]{1,1000}\.[A-Za-z0-9_-]{1,10000}\.[A-Za-z0-9_-]{1,1000}|[A-Za-z0-9_]{36})/y,
  ),
  trigger(['ghp_', 'gho_', 'ghu_', 'ghr_'], /gh[pour]_[A-Za-z0-9_]{36}/y),
  trigger(['github_pat_'], /github_pat_[A-Za-z0-9_]{82}/y),
  trigger(['glpat-'], /glpat-[A-Za-z0-9_-]{20,128}/y),
  trigger(['glc_'], /glc_[A-Za-z0-9+/]{32,400}={0,2}/y),
  trigger(['glsa_'], /glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}/y),
  // Stands in the middle of every OpenAI key, 84 characters after the longest beginning.
  trigger(['t3blbkfj'], /T3BlbkFJ[A-Za-z0-9_-]{20,74}/y, 100),
  trigger(['sk-ant-api0'], /sk-ant-api0\d-[A-Za-z0-9_-]{90,130}/y),
  trigger(['gsk_'], /gsk_[a-zA-Z0-9]{52}/y),
  trigger(['hf_'], /hf_[a-zA-Z]{34}/y),
  trigger(['lin_api_'], /lin_api_[a-zA-Z0-9_]{32,128}/y),
  trigger(['ntn_'], /ntn_[0-9]{11}[A-Za-z0-9]{35}/y),
  trigger(['ops_ey'], /ops_ey[A-Za-z0-9+/=]{100,1290}/y),
  trigger(['hvs.', 'hvb.', 'hvr.'], /hv[sbr]\.[A-Za-z0-9_-]{90,300}/y),
  trigger(['vcp_', 'vci_', 'vca_', 'vcr_', 'vck_'], /vc[piark]_[A-Za-z0-9]{20,60}/y),
  trigger(['dapi'], /dapi[A-Fa-f0-9]{32}(?:-[0-9])?/y),
  trigger(['dckr_pat_'], /dckr_pat_[a-zA-Z0-9_-]{27}/y),
  trigger(['figd_'], /figd_[A-Za-z0-9_-]{40,200}/y),
  trigger(['cfk_', 'cfut_', 'cfat_'], /cf(?:k|ut|at)_[A-Za-z0-9]{40}[0-9a-f]{8}/y),
  trigger(['tskey-'], /tskey-[a-z]{2,20}-[0-9A-Za-z_]{8,40}-[0-9A-Za-z_]{16,60}/y),
];

/** A part of the text that rules have to look at. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/**
 * The window around a hit, or `undefined` where the guard says that there is nothing. `last` is the window of the
 * trigger's hit before: an endless match is not walked again from every place inside of it.
 */
export function windowAt(
  { guard, before, endless }: Trigger,
  text: string,
  at: number,
  last: Window | undefined,
): Window | undefined {
  if (endless && last !== undefined && at < last.to - around) return undefined;
  guard.lastIndex = at;
  if (!guard.test(text)) return undefined;
  return { from: Math.max(0, at - before), to: Math.min(text.length, guard.lastIndex + around) };
}

/** Overlapping windows as one; `windows` in order of their beginnings or nearly so. */
export function mergeWindows(windows: readonly Window[]): Window[] {
  const merged: { from: number; to: number }[] = [];
  for (const { from, to } of [...windows].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else merged.push({ from, to });
  }
  return merged;
}
