import { z } from "@hono/zod-openapi";
import { DiagnosisResult } from "../../assistant/diagnosis.ts";

/** Made anew here: only schemas made after the OpenAPI library was loaded can carry a name in its document. */
export const diagnosisSchema = z.object(DiagnosisResult.shape).openapi("DiagnosisResult");
