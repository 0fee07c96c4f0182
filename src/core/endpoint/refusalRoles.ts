import { any, maxTokensName, re } from './refusalRules.ts';

/** What a number is, by the words around it. `limit` without a noun takes its scope from what was compared. */
export type Role =
  | 'limit-total'
  | 'limit-input'
  | 'limit'
  | 'limit-output'
  | 'asked-output'
  | 'input'
  | 'requested'
  | 'kept'
  | 'none';

export interface RoleRule {
  readonly role: Role;
  /** Matched against the words between the previous number and this one, up to its `#`. */
  readonly before?: RegExp;
  /** Matched against the words after it, up to the next number. */
  readonly after?: RegExp;
  /** Not when these words stand anywhere before it. */
  readonly unless?: RegExp;
  /** Not when these words stand in what `before` matched. */
  readonly without?: RegExp;
}

const cap = any(
  'max(?:imum)?',
  'limit(?:ed)?(?: to)?',
  'at most',
  'up to',
  'supports?',
  'only',
  'allowed',
  'allows?',
  'cannot exceed',
  'not exceed',
  '<=?',
  'less than',
  'fewer than',
  'under',
  'below',
  'upper bound',
);
const link =
  '(?:[\\s:=(\\["\'`*-]|is|of|to|be|the|a|for|this|model|are|was|only|currently|set|configured|allowed|supports?|exactly|or equal to|value|tokens?|limit|size|length|window)*';
const outTail =
  /^(?:[ -]tokens?)?(?: (?!plus\b|and\b|with\b|but\b|exceed)\w+){0,3}? ?[`'"]?(?:output|completion|max_new_tokens|max_tokens|max_completion_tokens|generat\w*|new tokens|response|reply|answer)\b/u;
const inTail =
  /^(?:[ -]tokens?)?(?: (?:of|in|from|for|as|to))?(?: (?:the|your|a))?(?: (?:text|tool|image|audio|video))? ?[`'"]?(?:inputs?|prompts?|messages?|functions?|tools?|context|request|text|conversation)\b/u;

const exceeding =
  /^(?:[ -]tokens?)?\)? ?(?:>=? ?$|exceeds?\b|(?:has |have )?exceeded (?:the|this|model|max|context|limit)|(?:is|are) (?:longer|larger|greater|bigger|more|higher) than|(?:is|are) (?:over|above|beyond)\b)/u;

/** Chinese, Japanese and Korean: nouns of a limit, of a window, of what was sent. */
const cjkLimit = '(?:上限|限制|最大|最多|最长|不能超过|不得超过|不超过|制限|최대|한도|제한)';
const cjkWindow = '(?:上下文|窗口|模型|コンテキスト|モデル|컨텍스트|모델)';
const cjkSent = '(?:输入|提示词|消息|内容|文本|当前|实际|共计?|入力|プロンプト|입력|프롬프트)';
const cjkCount = '[\\s:：=(（是为は]{0,4}$';

/** First rule that fires gives the role. */
export const roleRules: readonly RoleRule[] = [
  {
    role: 'limit-total',
    before: re(cjkWindow, '[^#，。,;；]{0,14}', cjkLimit, '[^#，。,;；]{0,12}', cjkCount),
  },
  {
    role: 'limit-total',
    before: re(cjkLimit, '[^#，。,;；]{0,4}', cjkWindow, '[^#，。,;；]{0,8}', cjkCount),
  },
  { role: 'limit', before: re(cjkLimit, '[^#，。,;；]{0,10}', cjkCount) },
  { role: 'limit', after: /^ ?个? ?(?:tokens?)? ?的?(?:上限|限制|上下文|の上限|を超)/u },
  { role: 'input', before: re(cjkSent, '[^#。;；]{0,16}', cjkCount) },
  { role: 'requested', before: re('(?:请求|总计|合计|リクエスト|요청)', '[^#。;；]{0,14}', cjkCount) },
  { role: 'none', before: /\bby (?:about |approximately |at least |over )?$/u },
  { role: 'none', after: /^ tokens? (?:too many|too long|over|above|more than|beyond)/u },
  { role: 'none', after: /^ tokens? per request/u },
  { role: 'requested', after: /^ ?\/ ?$/u },
  { role: 'limit', before: /^ ?\/ ?$/u },
  {
    role: 'none',
    before: /(?:minimum|at least|below the minimum)(?: of| is)?[^#]{0,10}$/u,
    after: /^(?: tokens?)?[^a-z]*$/u,
    unless: /contains|requested|total|resulted|has/u,
  },
  // MiniMax's "(2013)" is an error code, whatever it looks like.
  { role: 'none', before: /context window exceeds limit \($/u },
  { role: 'none', before: /must be (?:at least|greater than|more than|>=?) ?$/u },
  { role: 'none', before: /(?:draft|cached|reasoning|thinking|image|audio|tool)(?:[ _]tokens?)?[\s:=(]*$/u },
  { role: 'none', after: /^ (?:draft|cached|reasoning) tokens/u },
  // What has its name right before it.
  { role: 'input', before: /\b(?:num_)?(?:prompt|input)_token(?:s|_count|_ids\))[`'"]*\s?[=:(]+\s?$/u },
  { role: 'asked-output', before: re('\\bwhen [`\'"]?', maxTokensName, '[`\'"]? (?:is|=) ?$') },
  {
    role: 'limit-input',
    before: /number of (?:input|prompt) tokens (?:must|should|can|may) (?!exceed the total)[^#]{0,24}$/u,
  },
  { role: 'requested', before: /\+ [^#]{0,40}$/u, after: exceeding },
  { role: 'kept', before: /n_keep[\s:=(]*$|keep the first $/u },
  {
    role: 'limit-total',
    before: re(
      '(?:n_ctx|num_ctx|max_(?:model|seq|sequence|total|context|num)_?(?:len|length|tokens)|context_(?:length|window|size))',
      '[`\'"]*',
      '(?: limit)?',
      '[\\s:=(]*(?:of |is )?$',
    ),
  },
  { role: 'limit-input', before: /max_(?:input|prompt)_(?:len|length|tokens)[`'"]*[\s:=(]*(?:of |is )?$/u },
  {
    role: 'limit-output',
    before: re(cap, '[^#]{0,30}$'),
    after: outTail,
    unless: /context|leaves|requested|exceeds? |your|sum|inputs/u,
  },
  {
    role: 'limit-output',
    before:
      /output token limit[^#]{0,20}$|max(?:imum)? (?:number of )?(?:output|completion|new) tokens[^#]{0,30}(?:is|of|:|to|<=|than) ?$/u,
    unless: /requested|you/u,
  },
  {
    role: 'asked-output',
    before: re(
      maxTokensName,
      '[`\'")]*(?: (?:is|was|value|of|you (?:set|requested|provided)|too (?:large|high|long|big)|parameter|set|to|with))*[\\s:=(]*$',
    ),
    unless: /must|cannot|should|exceed|inputs|input length|context/u,
  },
  {
    role: 'asked-output',
    before:
      /(?:plus|and|with|requested|for) (?:an? )?(?:output|completion|generation)(?: budget| length| tokens?)?[\s:=(]*$/u,
  },
  { role: 'asked-output', before: /whereas you (?:provided|requested|asked for) $/u },
  // What is said to exceed, or stands left of a ">", is not the limit, whatever noun it has.
  { role: 'requested', before: /(?:output|completion)\b[^#.;]{0,30}$/u, after: exceeding },
  {
    role: 'input',
    before: /\b(?:(?:prompt|input|token indices)\b[^#.;]{0,100}|request\b[^#.;:]{0,30})$/u,
    after: exceeding,
  },
  { role: 'requested', after: exceeding },
  { role: 'input', before: /requested $/u, after: /^ tokens in the (?:messages|input|prompt)/u },
  { role: 'asked-output', after: outTail, unless: /limit|supports?|at most|leaves/u },
  {
    role: 'limit-input',
    before: re('^[^]*\\b((?:max(?:imum)?|limit)', '[^#]{0,20}\\b(?:input|prompt)\\b[^#]{0,40})$'),
    without: /but|however|request|contains|your|got|given|received|actual|number of tokens/u,
  },
  {
    role: 'limit-input',
    before: /(?:range of input length|input length|prompt length) should be[^#]{0,12}$/u,
  },
  { role: 'limit-total', before: /\+ [^#]{0,60}(?:must|cannot|should)[^#]{0,20}$/u },
  { role: 'limit-input', before: /\binputs?[`'"]* must (?:have|be)[^#]{0,30}$/u },
  { role: 'limit-input', before: /upper bound for $/u, after: /^ input/u },
  {
    role: 'limit-input',
    before: /(?:configured|allowed|maximum|token) (?:input |prompt )?limit of $/u,
    unless: /context|total|model/u,
  },
  { role: 'limit-input', before: /body too large[^#]{0,90}(?:max|maximum) size[:\s-]*$/u },
  {
    role: 'limit-total',
    before: re(
      '^[^]*(context',
      '(?:[ _-]?(?:length|window|size|limit|budget|capacity))?[`\'")]*',
      '[^#]{0,60})$',
    ),
    without:
      /,? (?:but|however|while|yet)\b|your|requested|contains|\bhas\b|got|given|received|actual|input length|\bby\b|resulted|prompt [^#]{0,6}$/u,
  },
  {
    role: 'limit-total',
    before: re(
      '^[^]*((?:max(?:imum)?|the|total|model) (?:allowed |supported |possible )?(?:model|sequence|total|token)s?',
      '[^#]{0,40})$',
    ),
    without:
      /but|however|request|contains|your|got|given|received|actual|resulted|of tokens allowed|total of|number of tokens/u,
  },
  {
    role: 'limit-total',
    before:
      /(?:token|tokens|tokens') limit[^#]{0,16}$|tokens must (?:be|not)[^#]{0,20}$|total tokens?[^#]{0,50}(?:limit|exceeds?|exceed)[^#]{0,20}$|total (?:number of )?tokens[^#]{0,40}cannot exceed $/u,
    unless: /requested|count/u,
  },
  { role: 'limit-total', after: /^[ -](?:tokens? )?\(?(?:max(?:imum)? )?(?:context|window|total token)/u },
  {
    role: 'requested',
    before: re(
      '(?:requested|requires?|needs?|takes?|took|total of|totall?ing|used|sum(?: of)?)',
      '[^#]{0,24}$',
    ),
    unless: /max|limit|of input|input tokens|input length|prompt/u,
  },
  { role: 'input', before: /(?:given|got|received|provided)[\s:=`'"]*$/u, after: inTail },
  { role: 'requested', before: /(?:given|got|received|provided)(?: a value of)?[\s:=`'"]*$/u },
  { role: 'requested', before: /current length is $|actual(?: length| tokens| token count)?[\s:=]*$/u },
  {
    role: 'input',
    before: re(
      '(?:contains?|has|have|had|resulted in|results in|resolved to|consists of|is|are|with|passed|sent|provided|length|size|tokens?|count|long|large|input|prompt|inputs|messages|request|submitted|(?:input|prompt)_len(?:gth)?)(?: of)?',
      '[`\'"]*',
      '(?: (?:over|about|around|approximately|at least|a total of|exactly|tokens?|of|too long|too large|count|length|size))*',
      '[\\s:=(,]*$',
    ),
    unless: re(
      '(?:max(?:imum)?|limit|allowed|supports?|exceeds?|exceed|exceeded|than|window|context size)',
      '[^#]{0,30}$',
    ),
  },
  {
    role: 'limit',
    before: re(
      any(
        cap,
        'limit',
        'exceeds?',
        'exceeded',
        'exceeding',
        '(?:longer|larger|greater|more|bigger|higher) than',
        '>=?',
        'of range',
        'above',
        'over',
        'capped at',
        'maximum (?:input )?length',
      ),
      link,
      '$',
    ),
  },
  { role: 'limit', before: /range[^#]{0,40}(?:to|and|-|,) ?$/u },
  { role: 'limit', after: /^[ -](?:tokens? )?\(?(?:max(?:imum)?|limit)\b/u },
  {
    role: 'limit',
    before: re('^[^]*((?:max(?:imum)?|limit|allowed)', '[^#]{0,40})$'),
    without: /but|however|request|contains|your|got|given|received|actual/u,
  },
  { role: 'input', after: inTail },
  { role: 'requested', before: /\brequest[^#]{0,30}$/u },
];
