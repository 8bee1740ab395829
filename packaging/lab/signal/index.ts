export { SignalSender, type SignalTargets } from "./sender.ts";
