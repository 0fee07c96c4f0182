import { LongviewError } from '../errors.ts';

/** The part of JSON Schema that tools describe their input with. */
export interface InputSchema {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, Property>>;
  readonly required?: readonly string[];
  readonly additionalProperties: false;
}

export type Property =
  | {
      readonly type: 'string';
      readonly description: string;
      readonly minLength?: number;
      readonly maxLength: number;
    }
  | {
      readonly type: 'integer';
      readonly description: string;
      readonly minimum: number;
      readonly maximum: number;
    }
  | { readonly type: 'boolean'; readonly description: string }
  | {
      readonly type: 'array';
      readonly description: string;
      readonly items: { readonly type: 'string'; readonly maxLength: number };
      readonly maxItems: number;
    };

/**
 * Checks what another agent sends, whatever the host has checked before. Throws `bad-usage`, worded for the model that
 * has to do it better.
 */
export function readInput(tool: string, schema: InputSchema, input: unknown): Record<string, unknown> {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    throw wrong(tool, 'takes an object', schema);
  const given = Object.entries(input as Record<string, unknown>).filter(([, value]) => value !== undefined);
  for (const [name] of given)
    if (!Object.hasOwn(schema.properties, name))
      throw wrong(tool, `has no parameter ${JSON.stringify(name.slice(0, 60))}`, schema);
  const read: Record<string, unknown> = Object.fromEntries(given);
  for (const name of schema.required ?? [])
    if (!Object.hasOwn(read, name)) throw wrong(tool, `needs "${name}"`, schema);
  for (const [name, value] of given) {
    const property = schema.properties[name];
    const fault = property === undefined ? undefined : faultOf(property, value);
    if (fault !== undefined) throw wrong(tool, `needs "${name}" to be ${fault}`, schema);
  }
  return read;
}

function faultOf(property: Property, value: unknown): string | undefined {
  switch (property.type) {
    case 'string': {
      const { minLength = 0, maxLength } = property;
      const fits = typeof value === 'string' && value.trim().length >= minLength && value.length <= maxLength;
      return fits ? undefined : `a text of ${minLength} to ${maxLength} characters`;
    }
    case 'integer': {
      const { minimum, maximum } = property;
      const fits = Number.isInteger(value) && (value as number) >= minimum && (value as number) <= maximum;
      return fits ? undefined : `a whole number from ${minimum} to ${maximum}`;
    }
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'true or false';
    case 'array': {
      const { items, maxItems } = property;
      const fits =
        Array.isArray(value) &&
        value.length <= maxItems &&
        value.every(item => typeof item === 'string' && item.length <= items.maxLength);
      return fits
        ? undefined
        : `a list of at most ${maxItems} texts of at most ${items.maxLength} characters`;
    }
  }
}

function wrong(tool: string, what: string, { properties }: InputSchema): LongviewError {
  const names = Object.keys(properties);
  return new LongviewError(
    'bad-usage',
    `${tool} ${what}.`,
    names.length === 0 ? 'It takes no parameters.' : `Its parameters are ${names.join(', ')}.`,
  );
}
