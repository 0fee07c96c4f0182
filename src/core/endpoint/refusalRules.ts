/**
 * The rules as data, written against the normal form of refusalNumbers.ts (`#123` is a number of tokens, `~` any
 * other number). They describe how such sentences are built, not the sentences of one server: a noun for the
 * window, a verb of going over, a role for each number by the words next to it. Gaps are bounded, so matching is
 * linear in the text.
 */

export type Verdict = 'context' | 'rate' | 'output' | 'other';

export const near = (max: number): string => `[^.;\\n]{0,${max}}?`;
export const any = (...parts: readonly string[]): string => `(?:${parts.join('|')})`;
export const re = (...parts: readonly string[]): RegExp => new RegExp(parts.join(''), 'u');

/** Nouns for the shared window. */
const windowNoun = any(
  'context[ _-]?(?:length|window|size|limit|budget|capacity|space)',
  'n_ctx',
  'max_(?:model|seq|sequence|total|context|num)_?(?:len|length|tokens)?',
  "max(?:imum)? (?:allowed )?(?:model|sequence|token|total)(?:s'?)?(?: (?:length|len|size|limit|count))?",
  '(?:model|sequence) (?:max )?length',
  'tokens? (?:limit|budget|window|capacity)s?',
  'limit of tokens',
);
const inputNoun = any('prompts?', 'inputs?', 'messages?', 'conversation', 'query', 'request', 'contents?');
export const maxTokensName =
  '(?:max_?(?:new_?|completion_?|output_?|gen_?|generated_?)?tokens(?:_to_sample|_to_generate)?|maxoutputtokens|max_output_length|max_length|num_predict)';
const outputNoun = any(
  maxTokensName,
  'max(?:imum)? (?:number of )?(?:output|completion|new|generated|generation) tokens?',
  'output tokens?',
  'completion tokens?',
  'maximum tokens you requested',
  'output length',
);
const over = any(
  'exceed(?:s|ed|ing)?',
  'too (?:long|large|big|many|much|high)',
  '(?:longer|larger|greater|bigger|more|higher) than',
  'overflow(?:s|ed|ing)?',
  'surpass(?:es|ed)?',
  'go(?:es)? over',
  'over the',
  'beyond',
  'above',
  'outside',
  "(?:does|do|did|will|can)(?: not|n't|not) fit",
  'cannot fit',
  'not enough',
  'no room',
  'insufficient',
  'reached',
  'ran out',
  'runs? out',
  'out of',
);

export interface KindRule {
  readonly kind: Verdict;
  readonly when: RegExp;
  readonly unless?: RegExp;
  /** A rate status or code outweighs it: words that throttling uses too. */
  readonly weak?: boolean;
}

export const perTime =
  /per[ -_]?(?:min(?:ute)?|day|hour|second|month|week)s?\b|\b(?:[io]?tp[mdsh]|rp[mdsh]|qp[mdsh])\b|\b(?:daily|hourly|monthly|weekly|per-minute) (?:\w+ ){0,2}(?:limit|quota|token)/u;

/** First rule that fires decides. Order is meaning: see endpoints.md 0.5, rules 2, 4 and 6. */
export const kindRules: readonly KindRule[] = [
  // The server's own arithmetic, prompt plus answer against the window, outweighs whatever a client adds to it.
  {
    kind: 'context',
    when: /(?:max_?tokens|context|tokens)[^]{0,60}#\d+ \+ #\d+ (?:= #\d+ )?>=? ?#\d+/u,
    unless: perTime,
  },
  // Money and access, worded with tokens and limits.
  { kind: 'rate', when: /in[- _]flight (?:requests|budget)/u },
  {
    kind: 'other',
    when: /(?:more|insufficient|not enough|out of|add|included|no) (?:\w+ )?(?:credits?|funds|balance)\b|can only afford|spending limit|billing hard limit|credit balance|payment (?:method |is )?required|payment method|key limit exceeded|higher (?:monthly |total )?limit|upgrade to a paid account|insufficient (?:account )?balance|账户余额|欠费|余额不足/u,
  },
  {
    kind: 'other',
    when: /(?:invalid|incorrect|missing|no|wrong) (?:api[ _-]?key|auth|authentication|cookie auth)|\bunauthori[sz]ed\b|permission denied|access denied|\bapi tokens?\b|(?:session|access|auth|bearer) token/u,
  },
  // Rates.
  { kind: 'rate', when: perTime, unless: /per[- ]request/u },
  {
    kind: 'rate',
    when: /rate[ _-]?limit|throttl|too many (?:concurrent )?requests|(?<!disk )quota (?:has been |was )?(?:exceeded|exhausted)|exceeded (?:\w+ ){0,4}quota|(?<!disk )quota exceeded|exceed (?:\w+ ){0,4}quota|resource (?:has been )?exhausted|resource_exhausted|please wait|slow down|concurren(?:t|cy) (?:\w+ ){0,2}(?:limit|request)|requests? limit|max(?:imum)? (?:\w+ ){0,2}concurren|(?<!tokens? )limit (?:for \w+ )?reached|limit exceeded for (?:this|the) |(?:limit|quota|tokens?)[^.]{0,40} (?:this|today|per|current) (?:month|week|day|hour|minute)|too many tokens (?:processed|in a)|capacity (?:temporarily )?exceeded|service tier capacity|extra usage is required|max (?:rpm|tpm|request)|请求(?:过于|太)?频繁|并发(?:数|量|请求)?过(?:高|多|大)|速率限制|频率限制|限流|try again (?:in|after) ~/u,
    unless: /context[ _-]?(?:window|length|size|limit)[^.]{0,20} reached/u,
  },
  { kind: 'rate', when: /service (?:is )?(?:temporarily )?unavailable[^.]{0,10}too many/u },
  // Sizes that are not tokens.
  {
    kind: 'other',
    when: /string (?:is )?too long|string_above_max_length|string value length|string with (?:a )?(?:max|length)|max ?length: ~|maxlength|physical batch size|current batch size|max[^.#]{0,30} (?:bytes|characters)|(?:payload|entity|image|images|file|audio|video|attachment|document|pdf|header|headers|url|uri|description|name|schema)s? (?:is |are )?(?:too (?:large|big|long|many)|exceeds?)|too many (?:images|tools|files|documents|messages|stop|pages|items)|(?:number of|total) (?:images|tools|files|characters|bytes)/u,
    unless: re(
      windowNoun,
      near(80),
      '#\\d|#\\d{3,}',
      near(30),
      any('tokens?', 'maximum context'),
      '|kv cache',
    ),
  },
  // HTTP's own phrases for a body of too many bytes, and nothing else.
  { kind: 'other', when: /^(?:~ )?request (?:entity |body )?too (?:long|large)\W*$/u },
  { kind: 'other', when: /requested #\d+ tokens, max #\d+ tokens per request|max_tokens_per_request/u },
  {
    kind: 'other',
    when: /(?:is|are) not (?:yet )?available (?:on|for|in|to) (?:your|this)|requires? a paid plan|context deadline|context canceled/u,
  },
  // A window too small by configuration, or words about a window without anyone going over it.
  {
    kind: 'other',
    when: /context window too small|minimum (?:context|is #)|(?:internal|unexpected|unknown) error (?:while |when )?(?:computing|determining|calculating)|(?:failed|unable) to (?:compute|determine|calculate)/u,
  },
  // Other parameters that count tokens.
  { kind: 'other', when: /\bmin_?(?:new_?)?tokens\b[`'"]* must|truncate_prompt_tokens/u },
  // Disguised overflow: the server subtracted the prompt from the window and got less than nothing.
  {
    kind: 'context',
    when: re(
      maxTokensName,
      '[`\'"]* must be (?:at least|greater than|positive|>=?)',
      near(40),
      '(?:got|given|received|is|:|was) ?-~|default_max_tokens[`\'"]* \\(-~\\)',
    ),
  },
  // The answer is too long, and nothing is said about the prompt.
  {
    kind: 'output',
    unless:
      /higher max_tokens|increase (?:the )?max|(?:must|should) be (?:greater|larger|more|higher|at least)|must be >=? ?(?!.{0,40}<)/u,
    when: re(
      outputNoun,
      '[`\'"]*',
      near(60),
      any(
        over,
        'must be (?:less|lower|smaller|at most|no (?:more|greater)|<|between|in|within|\\[)',
        'cannot (?:be (?:greater|larger|more|higher|above|over)|exceed)',
        'should be',
        'is limited to',
        'supported range',
        'out of range',
        '(?::|=|is) ?\\(?#\\d+\\)? ?>',
        'the maximum (?:allowed|value)',
      ),
    ),
  },
  {
    kind: 'output',
    when: /(?:output|completion) (?:token )?limit (?:is|of) #|(?:supports?|allows?|limited to|maximum (?:of|is)|at most|up to) (?:at most |up to |only )?#\d+ (?:output|completion|new|generated) tokens|maximum allowed number of output tokens|range of max_?tokens|max_?(?:output_?)?tokens[^.]{0,50}supported range|fewer output tokens|(?:^|[:.\]] )max tokens (?:exceed|must be|cannot|is too)/u,
  },
  {
    kind: 'output',
    when: /(?:输出|生成|回复)(?:内容|文本)?(?:的)?(?:长度|最大长度|字数| ?token ?数?)?[^。，,#]{0,8}(?:超过|超出|超限|大于|过长)/u,
    unless: /输入|上下文|提示词|prompt/u,
  },
  // Too long for the window, or for the room left to the prompt in it.
  { kind: 'context', when: re(windowNoun, '[`\'"]*', near(80), '\\b', over) },
  { kind: 'context', when: re(over, near(80), '\\b', windowNoun) },
  {
    kind: 'context',
    when: /\bcontext (?:is |was )?(?:too (?:long|large|big)|overflow|exceed)|context the overflows|exceed\w* (?:the )?(?:max(?:imum)? )?context\b|> ?context[ _](?:window|length|size)/u,
  },
  {
    kind: 'context',
    when: /(?:max(?:imum)?|model(?:'s)?) (?:context|input|prompt) (?:length|window|size|limit|tokens)(?: for [\w./-]+| of [\w./-]+)? (?:is|of|:) (?:only )?#\d+/u,
  },
  {
    kind: 'context',
    when: /context (?:length|window|size|limit) (?:is|of|:|=) ?(?:only )?#\d+|(?:context window|token limit|context length) (?:exceeded|reached)/u,
  },
  {
    kind: 'context',
    when: re(
      '\\b',
      inputNoun,
      '[`\'"]*',
      '(?: (?:length|size|tokens?|token count|token length|text|prompt|is|was|are|of|the|with|has|has been|in the request|you sent|cannot|must not|may not)){0,6}',
      '(?: ?\\(?(?:length |= ?|: ?)?#\\d+(?: tokens?)?\\)?)?(?: tokens)?(?: (?:is|was|are|has|have|cannot|must not|may not|too)){0,3}',
      ' ',
      over,
      near(60),
      any('tokens?', 'model', 'length', 'limit', 'maximum', '#\\d', 'allowed', '$'),
    ),
    unless:
      /(?:exceed|long|length|maximum)[^.#]{0,24}~(?![^]*(?:#\d|token))|\brequest (?:body |entity |payload )?(?:is )?(?:too large|exceeds)(?![^]{0,120}(?:token|context))/u,
  },
  {
    kind: 'context',
    when: re(
      any(
        '(?:number|count|amount|total) of (?:\\w+ ){0,3}tokens',
        '(?:input|prompt|total|request(?:ed)?) tokens?(?: count)?',
        'token count',
      ),
      near(50),
      any(over, 'cannot exceed', 'must (?:not exceed|be)'),
    ),
  },
  {
    kind: 'context',
    when: /(?:tokens?|inputs`? tokens?|prompt_tokens|max_new_tokens)[^.]{0,40} must be (?:<=?|less than|at most|smaller than|lower than|no more than|under|below)|must have (?:less|fewer) than #\d+ tokens|range of input length|(?:input|prompt) length should be/u,
  },
  {
    kind: 'context',
    when: /body (?:is )?too large for[^.]{0,60}(?:max size|maximum size|limit)[: ]{1,3}#\d+ tokens|request (?:body )?too large[^]{0,100}#\d+ tokens/u,
  },
  {
    kind: 'context',
    when: /current length is #\d+ while limit is|(?:prompt|input)[^.]{0,20}leaves #\d+ (?:output )?tokens|(?:exceeds|exceeded|over) (?:the )?(?:model|model's) (?:max(?:imum)? )?(?:limit|token)|cannot truncate prompt|tokens to keep from the initial prompt|kv (?:cache|memory)[^.]{0,40}(?:exceed|too small|not enough)|exceeds? the kv/u,
  },
  {
    kind: 'context',
    when: /(?:上下文|最大长度|最大限制|窗口|长度限制|令牌|token数|tokens?)[^。]{0,16}(?:超|过长|太长|过大|上限)|(?:超(?:出|过|长)?|大于)[^。]{0,20}(?:上下文|最大|限制|token|长度|上限|模型)|(?:输入|提示词|内容|prompt|请求)[^。]{0,10}(?:过长|超长|太长|超出|超过)|(?:コンテキスト|入力|プロンプト|トークン)[^。]{0,16}(?:超|長すぎ)|(?:컨텍스트|입력|프롬프트|토큰)[^.]{0,20}(?:초과|너무 길)/u,
  },
  {
    kind: 'context',
    weak: true,
    when: /reduce (?:the )?(?:length|size|number) of (?:the |your |tokens in the )*(?:input|prompt|messages?|conversation|request|either one)|(?:reduce|shorten) (?:the |your )?(?:input|prompt|messages?|conversation)\b|provide a shorter (?:input|prompt)|use a shorter (?:input|prompt)/u,
    unless: /image|file size/u,
  },
  {
    kind: 'context',
    weak: true,
    when: /too many (?:input |prompt |total )?tokens|tokens? (?:limits?|count) (?:was |has been |is )?(?:exceeded|reached)|^token limit\W*$|tokens? (?:exceed|limit exceed)/u,
  },
];

/** Identifiers, split into lower-case words. Same order of weight as the sentences. */
export const codeRules: readonly KindRule[] = [
  {
    kind: 'rate',
    when: /rate ?limit|throttl|too many requests|resource exhausted|request limit exceeded|quota|in flight budget|tpm|rpm/u,
  },
  {
    kind: 'other',
    when: /string (?:above|too long)|payload too large|request too large|overloaded|authentication|permission|api key|not found|decommissioned|max tokens per request|content (?:filter|policy)|payment|credits/u,
  },
  {
    kind: 'output',
    when: /^max (?:completion |output |new )?tokens? (?:exceeded|too (?:large|high|long)|limit)/u,
  },
  {
    kind: 'context',
    when: /context (?:length|window|size|limit|overflow)?\s?(?:error |limit )?(?:exceed|overflow|reached|too)|exceed(?:s|ed)? (?:model )?context|context overflow|(?:prompt|input)(?: tokens?)? (?:too (?:long|large)|exceed|limit)|(?:prompt|input|total|max prompt) tokens? (?:limit )?exceed|tokens? limits? (?:reached|exceed)|token quantity exceeded|model context window/u,
  },
];
