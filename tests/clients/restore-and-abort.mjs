// Restores a backup, and aborts the restore by the id in the response.
import { connect, print, request } from './client.mjs';

const client = connect();
const started = await client.restore.addon.backup(request);
const aborted = await client.abort.addon.restore({ ...request, data: started.data });

print({ restoreId: started.data.restoreId, aborted: aborted.data, error: aborted.error });
