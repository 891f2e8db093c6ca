//! Prints what OpenDP says about its own C functions: for each the name, feature flags, arguments with their C and Rust
//! types, defaults, and whether it is deprecated. The parsing is the library's (`opendp_tooling`); only the printing is ours.

use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;

use opendp_tooling::{Argument, Function, TypeRecipe, Value as Literal};
use proc_macro2::TokenStream;
use serde_json::{Value, json};
use syn::{File, Item, ItemFn, Meta, Token, punctuated::Punctuated};

fn main() {
    let [crate_folder, library] = std::env::args()
        .skip(1)
        .collect::<Vec<_>>()
        .try_into()
        .expect("usage: describe-opendp FOLDER_OF_THE_OPENDP_CRATE SHARED_LIBRARY");
    let library = std::fs::read(library).expect("the shared library can be read");
    let sources = Path::new(&crate_folder).join("src");
    let mut modules: BTreeMap<String, Vec<Function>> = BTreeMap::new();
    for entry in std::fs::read_dir(&sources).expect("the crate has a folder src") {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let module = path.file_name().unwrap().to_str().unwrap().to_string();
            let mut functions = Vec::new();
            read_folder(&path, &module, &mut functions);
            functions.sort_by(|left, right| left.name.cmp(&right.name));
            if !functions.is_empty() {
                modules.insert(module, functions);
            }
        }
    }
    let described: BTreeMap<_, Vec<Value>> =
        modules.iter().map(|(module, functions)| (module, functions.iter().map(|f| function(f, module, &library)).collect())).collect();
    println!("{}", serde_json::to_string_pretty(&described).unwrap());
}

fn read_folder(folder: &Path, module: &str, functions: &mut Vec<Function>) {
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            read_folder(&path, module, functions);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let file = syn::parse2::<File>(TokenStream::from_str(&text).unwrap()).unwrap();
            for item in file.items.into_iter().flat_map(functions_of) {
                functions.extend(described(item, module));
            }
        }
    }
}

fn functions_of(item: Item) -> Vec<ItemFn> {
    match item {
        Item::Fn(function) => vec![function],
        Item::Mod(module) => module.content.into_iter().flat_map(|content| content.1).flat_map(functions_of).collect(),
        _ => Vec::new(),
    }
}

/// What the attribute `bootstrap(...)` on a function says, if it has one.
fn described(mut item: ItemFn, module: &str) -> Option<Function> {
    let index = item.attrs.iter().position(|attribute| attribute.path().is_ident("bootstrap"))?;
    let Meta::List(list) = item.attrs.remove(index).meta else { return None };
    let arguments = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).unwrap();
    Some(Function::from_ast(arguments.into_iter().collect(), item, Some(module)).unwrap())
}

/// Functions of features that the library was built without are described all the same; its table of symbols tells.
fn is_exported(symbol: &str, library: &[u8]) -> bool {
    let wanted = format!("\0{symbol}\0");
    library.windows(wanted.len()).any(|window| window == wanted.as_bytes())
}

fn function(function: &Function, module: &str, library: &[u8]) -> Value {
    let symbol = format!("opendp_{module}__{}", function.name);
    json!({
        "name": function.name,
        "description": function.description,
        "features": function.features,
        "args": function.args.iter().map(argument).collect::<Vec<_>>(),
        "derivedTypes": function.derived_types.iter().map(argument).collect::<Vec<_>>(),
        "ret": argument(&function.ret),
        "partial": function.supports_partial,
        "exported": function.has_ffi && is_exported(&symbol, library),
        "symbol": symbol,
        "deprecated": function.deprecation.as_ref().map(|deprecation| format!("{deprecation:?}")),
    })
}

fn argument(argument: &Argument) -> Value {
    json!({
        "name": argument.name,
        "cType": argument.c_type,
        "rustType": argument.rust_type.as_ref().map(recipe),
        "hint": argument.hint,
        "description": argument.description,
        "default": argument.default.as_ref().map(literal),
        "isType": argument.is_type,
        "doNotConvert": argument.do_not_convert,
        "example": argument.example.as_ref().map(recipe),
    })
}

fn recipe(recipe: &TypeRecipe) -> Value {
    match recipe {
        TypeRecipe::Name(name) => json!({ "name": name }),
        TypeRecipe::Nest { origin, args } => json!({ "origin": origin, "args": args.iter().map(self::recipe).collect::<Vec<_>>() }),
        TypeRecipe::Function { function, params } => {
            json!({ "function": function, "params": params.iter().map(self::recipe).collect::<Vec<_>>() })
        }
        TypeRecipe::None => json!({ "none": true }),
    }
}

fn literal(literal: &Literal) -> Value {
    match literal {
        Literal::Null => json!({ "null": true }),
        Literal::Bool(value) => json!({ "value": value }),
        Literal::String(value) => json!({ "value": value }),
        Literal::Integer(value) => json!({ "value": value }),
        Literal::Float(value) => json!({ "value": value }),
    }
}
