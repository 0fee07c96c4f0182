/** Every id that package.json and the code must agree on; a test holds the two against each other. */
export const commands = {
  ask: 'longview.ask',
  addEndpoint: 'longview.addEndpoint',
  selectEndpoint: 'longview.selectEndpoint',
  editEndpoint: 'longview.editEndpoint',
  removeEndpoint: 'longview.removeEndpoint',
  setApiKey: 'longview.setApiKey',
  editEndpoints: 'longview.editEndpoints',
  measureLimit: 'longview.measureLimit',
  recheckLimit: 'longview.recheckLimit',
  useModel: 'longview.useModel',
  useTokenizer: 'longview.useTokenizer',
  showBudget: 'longview.showBudget',
  showMap: 'longview.showMap',
  chooseFiles: 'longview.chooseFiles',
  getStarted: 'longview.getStarted',
  refresh: 'longview.refresh',
  forgetConsent: 'longview.forgetConsent',
  reviewSecrets: 'longview.reviewSecrets',
  showLog: 'longview.showLog',
  askFollowUp: 'longview.askFollowUp',
  goToAnchor: 'longview.goToAnchor',
  searchHistory: 'longview.searchHistory',
  openAnswer: 'longview.openAnswer',
  recheckAnswer: 'longview.recheckAnswer',
  exportAnswer: 'longview.exportAnswer',
  deleteAnswer: 'longview.deleteAnswer',
  findFile: 'longview.findFile',
  openFiles: 'longview.openFiles',
  whyFile: 'longview.whyFile',
  pinFiles: 'longview.pinFiles',
  includeFiles: 'longview.includeFiles',
  excludeFiles: 'longview.excludeFiles',
  outlineFiles: 'longview.outlineFiles',
  sendWhole: 'longview.sendWhole',
  resetFiles: 'longview.resetFiles',
  ignoreFiles: 'longview.ignoreFiles',
} as const;

export const settingKeys = {
  endpoints: 'longview.endpoints',
  endpoint: 'longview.endpoint',
  tokenizer: 'longview.tokenizer',
  offlineLimit: 'longview.offlineReader.contextLimit',
  answers: 'longview.answers',
  maxFileSizeMB: 'longview.maxFileSizeMB',
  answerTokens: 'longview.answerTokens',
  reservePercent: 'longview.reservePercent',
  timeoutMinutes: 'longview.timeoutMinutes',
  confirmAboveUsd: 'longview.confirmAboveUsd',
  maxWaitSeconds: 'longview.maxWaitSeconds',
  images: 'longview.images',
} as const;

export const views = {
  container: 'longview',
  budget: 'longview.budget',
  files: 'longview.files',
  history: 'longview.history',
} as const;

/** Conditions that package.json goes by. */
export const contextKeys = {
  hasEndpoint: 'longview.hasEndpoint',
  askedOffline: 'longview.askedOffline',
  askedEndpoint: 'longview.askedEndpoint',
  audited: 'longview.audited',
} as const;

/** The walkthrough of the first steps. */
export const walkthrough = 'longview.start';

/** The type of the budget map's panel. */
export const mapPanel = 'longview.map';

export const chat = {
  participant: 'longview.chat',
  name: 'longview',
  vendor: 'longview',
} as const;

/** Scheme of answers that open as documents. */
export const answerScheme = 'longview-answer';
