// A globalSetup for vitest: starts one container of the emulator for all tests, and removes it after them.

import { GenericContainer, Wait } from 'testcontainers';

export default async function setup() {
  const container = await new GenericContainer(process.env.NORTHFLANK_MOCK_IMAGE ?? 'northflank-mockserver')
    .withExposedPorts(8080)
    .withWaitStrategy(Wait.forHttp('/_mock/ready', 8080))
    .start();
  process.env.NORTHFLANK_MOCK_URL = `http://${container.getHost()}:${container.getMappedPort(8080)}`;
  return () => container.stop();
}
