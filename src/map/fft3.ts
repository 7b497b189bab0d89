/**
 * The 3D transform that map measurements are given by their caller, so that they stay free of any device.
 *
 * Forward: unnormalised, exp(-2πi), from real [n × n × n] to interleaved complex [n × n × (floor(n/2) + 1)], x fastest.
 * Inverse: divides by n³. Both return fresh arrays and leave their input as it was.
 */
export interface Fft3 {
  forward(real: Float32Array, boxPx: number): Promise<Float32Array>;
  inverse(transform: Float32Array, boxPx: number): Promise<Float32Array>;
}
