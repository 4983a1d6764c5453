// A fixture for vitest: with `import { test } from './vitest-fixture.mjs'`, `mock` is a new project for each test.

import { test as base } from 'vitest';
import { createProject } from './northflank-mock.mjs';

/** @import { MockProject, ProjectOptions } from './northflank-mock.mjs' */

export const test = base.extend({
  /** @type {ProjectOptions} for a file or `describe`: `test.override({ mockOptions: { scenario: 'empty' } })` */
  mockOptions: {},
  mock: async (
    /** @type {{ mockOptions: ProjectOptions }} */ { mockOptions },
    /** @type {(mock: MockProject) => Promise<void>} */ use,
  ) => {
    // the contract of today's client, whose types say that an id is a string
    const mock = await createProject({ contract: '2026', ...mockOptions });
    await use(mock);
    await mock[Symbol.asyncDispose]();
  },
});
