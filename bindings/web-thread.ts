// The script of a thread in browsers.
import { serve } from './threads/serve.js';

const receive = serve((message) => postMessage(message));
addEventListener('message', ({ data }) => receive(data));
