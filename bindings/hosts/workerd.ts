import { HostError } from '../errors.js';
import type { Build, Host } from './host.js';

/**
 * Cloudflare Workers: code cannot be compiled at run time, so the entry imports the module and hands it over.
 * @param modules the builds that the deployment carries
 */
export function workerdHost(modules: Partial<Record<Build, WebAssembly.Module>>): Host {
  return {
    name: 'workerd',
    async compile(build) {
      const module = modules[build];
      if (!module) throw new HostError(`the '${build}' build is not part of this deployment; pass 'module' yourself`);
      return module;
    },
    builds: Object.keys(modules) as Build[],
  };
}
