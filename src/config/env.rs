//! A worker's variables, `env` and `env_file`, as they are typed.

use super::diagnostic::Notes;
use super::field::{Field, scalar};
use super::key::{Key, in_file_order, read_nested};
use super::typed::TypedVariable;
use std::collections::BTreeMap;
use toml::Spanned;

/// `env.NAME` as a table.
#[derive(Default)]
pub(super) struct TypedUnset {
    unset: Option<bool>,
}

/// The keys of `env.NAME` as a table.
pub(super) static UNSET: [Key<TypedUnset>; 1] = [Key {
    name: "unset",
    wants: "true",
    default: "must be given",
    doc: "Takes the variable away, wherever it came from.",
    elsewhere: &["remove"],
    read: |variable, field, notes| {
        variable.unset = field.boolean(notes);
        if variable.unset == Some(false) {
            field.bad(notes, "leave the variable out instead");
        }
    },
}];

pub(super) fn read(env: &mut BTreeMap<String, TypedVariable>, field: Field<'_>, notes: &mut Notes) {
    let Some(table) = field.as_table() else {
        field.wrong_type(notes).help("as env = { PORT = \"3000\" }");
        return;
    };
    for (variable, value) in in_file_order(table) {
        let text = variable.get_ref().as_ref();
        if text.is_empty() || text.contains(['=', '\0']) {
            let message = format!("`{text}` cannot be the name of a variable");
            notes.error(variable.span(), &message).label("empty, or with `=` or NUL in it");
            continue;
        }
        let key = format!("env.{text}");
        let wants = "a string, a number, true, false or { unset = true }";
        if let Some(value) = read_variable(Field { key: &key, wants, value }, notes) {
            env.insert(text.to_owned(), value);
        }
    }
}

fn read_variable(field: Field<'_>, notes: &mut Notes) -> Option<TypedVariable> {
    if let Some(text) = scalar(field.value.get_ref()) {
        return Some(TypedVariable::Set(text));
    }
    let Some(table) = field.as_table() else {
        return field.string(notes).map(|text| TypedVariable::Set(text.to_owned()));
    };
    let mut variable = TypedUnset::default();
    read_nested(&UNSET, field, &mut variable, notes);
    if table.is_empty() {
        field.wrong_type(notes);
    }
    (variable.unset == Some(true)).then_some(TypedVariable::Unset)
}

pub(super) fn read_files(field: Field<'_>, notes: &mut Notes) -> Option<Vec<Spanned<String>>> {
    if field.value.get_ref().is_array() {
        return field.words(notes);
    }
    field.filled(notes).map(|path| vec![path])
}
