export type { Anchor, AnchorMention, AnchorState } from './anchorTypes.ts';
export { createAnchorStream, type AnchorStream, type StreamPart } from './anchorStream.ts';
export { citationRules } from './citationRules.ts';
export { findAnchors } from './findAnchors.ts';
export { createPathIndex, type PathIndex } from './pathIndex.ts';
export { verifyAnchor, verifyCandidates, type FileTexts } from './verifyAnchor.ts';
