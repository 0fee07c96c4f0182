export { startFake } from './server.ts';
export { startProxy } from './proxy.ts';
export type { FakeProxy, ProxiedRequest, ProxyOptions } from './proxy.ts';
export { selfSigned } from './certificate.ts';
export type { Certificate } from './certificate.ts';
export { createGate } from './gate.ts';
export type { Gate } from './gate.ts';
export { createCounter } from './counting.ts';
export type { Counter } from './counting.ts';
export { systemNames } from './types.ts';
export type {
  Answer,
  AnswerRequest,
  Fake,
  FakeMessage,
  FakeModel,
  FakeOptions,
  FakePrice,
  FakeProvider,
  Fault,
  RecordedRequest,
  Refusal,
  Reply,
  SystemName,
} from './types.ts';
