// The entry for browsers and their workers.
import { browserHost } from './hosts/browser.js';
import { setHost } from './hosts/host.js';

setHost(browserHost);

export * from './index.js';
