// Where static data ends: the first address that the host may hand out.

export function heap_base(): usize {
  return __heap_base;
}
