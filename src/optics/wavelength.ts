import { expectPositive } from "../core/checks.ts";

/**
 * Relativistic de Broglie wavelength of an electron, Å: h / √(2 m e V (1 + e V / (2 m c²))), with h/√(2me) =
 * 12.2643247 Å √V and e/(2mc²) = 0.978466e-6 / V (CODATA values as used throughout the field).
 */
export function electronWavelengthA(voltageKv: number): number {
  expectPositive("voltageKv", voltageKv);
  const volts = voltageKv * 1000;
  return 12.2643247 / Math.sqrt(volts * (1 + 0.978466e-6 * volts));
}
