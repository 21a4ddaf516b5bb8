//! Whether JSON is as a schema in `docs/` says.

use std::path::Path;

use jsonschema::Validator;
use serde_json::{Value, json};

/// What a definition of a schema file does not allow in an object. A field that it does not describe is an error here; a reader of
/// the output has to allow such fields.
pub fn errors(schema: &Path, definition: &str, object: &Value) -> Vec<String> {
    let errors = strict(schema, definition);
    errors.iter_errors(object).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn strict(schema: &Path, definition: &str) -> Validator {
    let mut schema: Value = serde_json::from_str(&std::fs::read_to_string(schema).unwrap()).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    close(&mut schema);
    schema.as_object_mut().unwrap().remove("anyOf");
    schema["$ref"] = json!(format!("#/$defs/{definition}"));
    jsonschema::validator_for(&schema).unwrap()
}

fn close(schema: &mut Value) {
    match schema {
        Value::Array(schemas) => schemas.iter_mut().for_each(close),
        Value::Object(keywords) => {
            keywords.values_mut().for_each(close);
            if keywords.get("type") == Some(&json!("object")) {
                keywords.insert("unevaluatedProperties".to_owned(), json!(false));
            }
        }
        _ => {}
    }
}
