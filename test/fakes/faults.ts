import type { Ask, System } from './system.ts';
import type { Fault, Refusal, Reply } from './types.ts';

/** The reply a fault puts in place of an answer; `undefined` for faults inside the answer. */
export function refusalOf(fault: Fault, ask: Ask, system: System): Refusal | undefined {
  switch (fault.kind) {
    case 'reply':
      return fault.reply;
    case 'rate': {
      const requested = ask.promptTokens + (ask.maxTokens ?? 0);
      const permanent = fault.permanent === true;
      const limit = permanent ? Math.max(1, requested - 1) : requested * 4;
      return system.errors.rate({
        model: ask.model.id,
        limit,
        used: permanent ? 0 : limit - Math.ceil(requested / 2),
        requested,
        retryAfterSeconds: fault.retryAfterSeconds ?? 1,
        permanent,
      });
    }
    case 'unauthorized':
      return system.errors.unauthorized();
    case 'payment':
      return system.errors.payment();
    case 'dead-model':
      return system.errors.deadModel(ask.model.id);
    case 'overflow': {
      const contextTokens = fault.limitTokens ?? ask.model.contextTokens;
      return system.errors.overflow({ ...ask, model: { ...ask.model, contextTokens } });
    }
    case 'html-413':
      return html413;
    case 'redirect':
      return { status: fault.status ?? 307, headers: { location: fault.location }, body: '' };
    default:
      return undefined;
  }
}

/** nginx, before any server saw the request. */
export const html413: Reply = {
  status: 413,
  headers: { 'content-type': 'text/html' },
  body: '<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n<body>\r\n<center><h1>413 Request Entity Too Large</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n',
};
