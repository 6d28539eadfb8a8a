/* Two fields in one: a server joins repeated fields with ", " while it reads them (RFC 9110 §5.3), so that only the value tells. */
#include "field_name.h"

#include "octet.h"

/* Goes behind the next ", " that stands outside of quoted strings; 0: there is none. */
static int pass_join(fct_bytes_t *rest)
{
    int is_quoted = 0;
    apr_size_t i;

    for (i = 0; i < rest->len; i++) {
        if (is_quoted && rest->at[i] == '\\') {
            i++;
        }
        else if (rest->at[i] == '"') {
            is_quoted = !is_quoted;
        }
        else if (!is_quoted && rest->at[i] == ',' && i + 1 < rest->len && rest->at[i + 1] == ' ') {
            *rest = fct_bytes_from(*rest, i + 2);
            return 1;
        }
    }
    return 0;
}

static unsigned count_joins(fct_bytes_t value)
{
    unsigned joins = 0;

    while (pass_join(&value)) {
        joins++;
    }
    return joins;
}

/* name=value, as the parameters of one scheme are (RFC 9110 §11.2); a second scheme has no '=' behind its name. */
static int begins_with_parameter(fct_bytes_t text)
{
    apr_size_t i = 0;

    while (i < text.len && (fct_octet_class[(unsigned char)text.at[i]] & FCT_OCTET_TOKEN)) {
        i++;
    }
    return i > 0 && i < text.len && text.at[i] == '=';
}

static int has_two_schemes(fct_bytes_t value)
{
    while (pass_join(&value)) {
        if (!begins_with_parameter(value)) {
            return 1;
        }
    }
    return 0;
}

int fct_field_name_is_joined(unsigned traits, fct_bytes_t value)
{
    if (!(traits & FCT_FIELD_SINGLETON) || (traits & FCT_FIELD_WITH_COMMAS)) {
        return 0;
    }
    if (traits & FCT_FIELD_CREDENTIALS) {
        return has_two_schemes(value);
    }
    return count_joins(value) > ((traits & FCT_FIELD_DATE) ? 1u : 0u);
}
