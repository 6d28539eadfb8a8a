/* Values: which bytes a type of value may have (POLICY 3). */
#ifndef FCT_VALUE_H
#define FCT_VALUE_H

#include "bytes.h"

/* FCT_VALUE(NAME, "text in a policy", what it is) — those without a text are built in for certain names. */
typedef enum fct_value_type_t {
    FCT_VALUE_ANY = 0,
#define FCT_VALUE(name, text, sentence) FCT_VALUE_##name,
#include "value.def"
#undef FCT_VALUE
    FCT_VALUE_COUNT
} fct_value_type_t;

/* The type that type="…" names; FCT_VALUE_ANY if it names none. */
fct_value_type_t fct_value_type_parse(fct_bytes_t text);

/* The type that POLICY 3 builds in for a folded name; FCT_VALUE_ANY if none. */
fct_value_type_t fct_value_type_of_name(fct_bytes_t folded);

/* Its name, which never changes: "IP". */
const char *fct_value_type_name(fct_value_type_t type);

/* What a value of the type is: "an IP address". */
const char *fct_value_type_sentence(fct_value_type_t type);

int fct_value_is(fct_value_type_t type, fct_bytes_t value);

/* NUL, CR, LF, another C0 control or DEL is among the bytes. HTAB is one unless tab_passes. */
int fct_value_has_control(fct_bytes_t value, int tab_passes);

/* The same, where line feeds alone belong to the value. */
int fct_value_has_control_but_lines(fct_bytes_t value);

#endif
