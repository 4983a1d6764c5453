import { defineConfig } from 'vitest/config';

// more than vitest's 5 seconds, which a busy machine may take
export default defineConfig({ test: { globalSetup: '../javascript/server.mjs', testTimeout: 60_000 } });
