import { join, resolve } from "node:path";
import { InvalidArgumentError } from "commander";
import { LabClient } from "../index.ts";

export interface DataOption {
  data: string;
}

/** The lab's own folder within a data folder. */
export function labDir(options: DataOption): string {
  return join(resolve(options.data), "lab");
}

export function connect(options: DataOption): LabClient {
  return LabClient.connect(labDir(options));
}

/** A commander parser for whole numbers within bounds. */
export function wholeNumber(option: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^-?\d+$/.test(text) && number >= min && number <= max) return number;
    throw new InvalidArgumentError(`${option} is a whole number from ${min} to ${max}.`);
  };
}
