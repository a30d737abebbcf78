/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject
/** An object of JSON values. */
export interface JsonObject {
  readonly [key: string]: Json
}
