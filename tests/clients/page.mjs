// Reads one page of a backup's restores.
import { connect, print, request } from './client.mjs';

const { data, error, pagination } = await connect().get.addon.backup.restores(request);

print({ data, error, pagination });
