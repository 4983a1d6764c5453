// Reads all of a backup's restores, or those from a page on.
import { connect, print, request } from './client.mjs';

const { data, error } = await connect().get.addon.backup.restores.all(request);

print({ data, error });
