// Local response normalization over the last axis: y[c] = x[c] (bias + alpha * sum of x[c - radius .. c + radius]^2)^-beta.
// The sum runs along the row as in TFLite, so that what rounding leaves behind in it is the same. Units are rows.

export function f32_lrn(
  x: usize, y: usize, channels: i32, radius: i32, bias: f32, alpha: f32, beta: f32, begin: i32, end: i32,
): void {
  const pixel = <usize>channels << 2;
  x += <usize>begin * pixel;
  y += <usize>begin * pixel;
  for (let row = begin; row < end; row++, x += pixel, y += pixel) {
    let sum: f32 = 0;
    for (let c = 0; c < min(radius, channels); c++) sum += square(x, c, alpha);
    for (let c = 0; c < channels; c++) {
      if (radius < channels - c) sum += square(x, c + radius, alpha);
      const scale = bias + sum;
      const v = load<f32>(x + (<usize>c << 2));
      let r: f32;
      if (beta == 1) r = v * (1 / scale);
      else if (beta == 0.5) r = v * (1 / sqrt<f32>(scale));
      else r = v * NativeMathf.pow(scale, -beta);
      store<f32>(y + (<usize>c << 2), r);
      if (c >= radius) sum -= square(x, c - radius, alpha);
    }
  }
}

// @ts-ignore: decorator
@inline
function square(x: usize, c: i32, alpha: f32): f32 {
  const v = load<f32>(x + (<usize>c << 2));
  return v * v * alpha;
}
