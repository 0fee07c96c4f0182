// Preloaded by a test: stands for whatever keeps a cancelled process from ending.
globalThis.setInterval(() => undefined, 1000);
