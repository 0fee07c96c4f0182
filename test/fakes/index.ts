export { startFake } from './server.ts';
export { createGate } from './gate.ts';
export type { Gate } from './gate.ts';
export { systemNames } from './types.ts';
export type {
  Answer,
  AnswerRequest,
  Fake,
  FakeMessage,
  FakeModel,
  FakeOptions,
  FakePrice,
  Fault,
  RecordedRequest,
  SystemName,
} from './types.ts';
