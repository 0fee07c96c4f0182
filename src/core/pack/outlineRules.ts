/** What an outline keeps of one language's syntax tree; names are the grammar's node types. */
export interface OutlineRules {
  /** File name of the grammar in `dist/grammars`. */
  readonly grammar: string;
  /** Declarations whose inside is outlined too: signature, then members. */
  readonly containers: ReadonlySet<string>;
  /** Declarations with a body that is left out. */
  readonly callables: ReadonlySet<string>;
  /** Kept whole where short, else by their first lines: fields, types, constants, package lines. */
  readonly lines: ReadonlySet<string>;
  /** Said at the beginning of a file, and only some of them kept. */
  readonly imports: ReadonlySet<string>;
  /** Not shown themselves, but looked into. */
  readonly around: ReadonlySet<string>;
}

const words = (text: string) => new Set(text.trim().split(/\s+/));

interface RuleText {
  readonly grammar: string;
  readonly containers: string;
  readonly callables: string;
  readonly lines: string;
  readonly imports: string;
  readonly around: string;
}

const rules = ({ grammar, ...texts }: RuleText): OutlineRules => ({
  grammar: `tree-sitter-${grammar}`,
  containers: words(texts.containers),
  callables: words(texts.callables),
  lines: words(texts.lines),
  imports: words(texts.imports),
  around: words(`ERROR ${texts.around}`),
});

const ecmaScript = (grammar: string): OutlineRules =>
  rules({
    grammar,
    containers:
      'class_declaration abstract_class_declaration class interface_declaration module internal_module namespace_declaration',
    callables:
      'function_declaration generator_function_declaration method_definition method_signature abstract_method_signature function_signature call_signature construct_signature',
    lines:
      'lexical_declaration variable_declaration field_definition public_field_definition property_signature index_signature type_alias_declaration enum_declaration ambient_declaration export_clause',
    imports: 'import_statement import_alias',
    around: 'program export_statement class_body interface_body object_type statement_block',
  });

const cpp = rules({
  grammar: 'cpp',
  containers: 'class_specifier struct_specifier union_specifier namespace_definition concept_definition',
  callables: 'function_definition',
  lines:
    'declaration field_declaration type_definition alias_declaration enum_specifier preproc_def preproc_function_def using_declaration static_assert_declaration',
  imports: 'preproc_include import_declaration',
  around:
    'translation_unit declaration_list field_declaration_list linkage_specification template_declaration preproc_if preproc_ifdef preproc_else preproc_elif',
});

/** By VS Code's language id. What is not here has no outline. */
export const outlineRules: Readonly<Record<string, OutlineRules>> = {
  typescript: ecmaScript('typescript'),
  typescriptreact: ecmaScript('tsx'),
  javascript: ecmaScript('javascript'),
  javascriptreact: ecmaScript('javascript'),
  python: rules({
    grammar: 'python',
    containers: 'class_definition',
    callables: 'function_definition',
    lines: 'type_alias_statement assignment',
    imports: 'import_statement import_from_statement future_import_statement',
    around: 'module decorated_definition block expression_statement if_statement try_statement',
  }),
  go: rules({
    grammar: 'go',
    containers: 'type_spec',
    callables: 'function_declaration method_declaration',
    lines:
      'package_clause const_declaration var_declaration field_declaration method_elem type_alias type_elem',
    imports: 'import_declaration',
    around: 'source_file type_declaration field_declaration_list',
  }),
  rust: rules({
    grammar: 'rust',
    containers: 'impl_item trait_item mod_item struct_item enum_item union_item foreign_mod_item',
    callables: 'function_item function_signature_item macro_definition',
    lines: 'const_item static_item type_item associated_type field_declaration enum_variant',
    imports: 'use_declaration extern_crate_declaration',
    around: 'source_file declaration_list field_declaration_list enum_variant_list',
  }),
  java: rules({
    grammar: 'java',
    containers:
      'class_declaration interface_declaration enum_declaration record_declaration annotation_type_declaration',
    callables:
      'method_declaration constructor_declaration compact_constructor_declaration annotation_type_element_declaration',
    lines: 'package_declaration field_declaration constant_declaration enum_constant module_declaration',
    imports: 'import_declaration',
    around: 'program class_body interface_body enum_body enum_body_declarations annotation_type_body',
  }),
  c: cpp,
  cpp,
  'cuda-cpp': cpp,
  csharp: rules({
    grammar: 'c-sharp',
    containers:
      'class_declaration interface_declaration struct_declaration record_declaration record_struct_declaration enum_declaration namespace_declaration',
    callables:
      'method_declaration constructor_declaration destructor_declaration operator_declaration conversion_operator_declaration property_declaration indexer_declaration event_declaration local_function_statement',
    lines:
      'file_scoped_namespace_declaration field_declaration event_field_declaration delegate_declaration enum_member_declaration',
    imports: 'using_directive extern_alias_directive',
    around: 'compilation_unit declaration_list enum_member_declaration_list global_statement preproc_if',
  }),
  ruby: rules({
    grammar: 'ruby',
    containers: 'class module singleton_class',
    callables: 'method singleton_method',
    lines: 'assignment alias',
    imports: 'call',
    around: 'program body_statement begin if unless',
  }),
  php: rules({
    grammar: 'php',
    containers: 'class_declaration interface_declaration trait_declaration enum_declaration',
    callables: 'function_definition method_declaration',
    lines:
      'namespace_definition property_declaration const_declaration enum_case use_declaration property_hook_list',
    imports: 'namespace_use_declaration',
    around: 'program declaration_list enum_declaration_list namespace_definition compound_statement',
  }),
};
