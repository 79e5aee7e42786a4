/* Anonymizing goes over the file by its shape, because the plan names members by their type:
 * world_login.name. A form such as login# has a counter of its own, so the file tells no order of names but
 * that of the lists.
 */
#include <stdio.h>

#include "base/map.h"
#include "cli/import_plan.h"
#include "gen/world.h"

/* Each form with the texts that it has replaced. */
struct anonymizer {
    struct arena *arena;
    const struct node *forms; /* "world_login.name": "login#" */
    struct map texts;         /* by form and old text */
    struct map counters;      /* by form */
};

/* The form with the number in place of its '#', as many digits as there are '#' at least. */
static struct str number_form(struct arena *a, struct str form, size_t number)
{
    size_t at = str_find(form, '#'), n = 0;
    char digits[32];
    while (at + n < form.n && form.p[at + n] == '#')
        n++;
    int length = snprintf(digits, sizeof digits, "%0*zu", (int)n, number);
    return CONCAT(a, str_head(form, at), ((struct str){digits, (size_t)length}), str_skip(form, at + n));
}

/* The text in place of an old one of this form. */
static struct str replacement(struct anonymizer *z, struct str form, struct str old)
{
    struct str key = CONCAT(z->arena, form, STR("\n"), old);
    struct str *known = map_get(&z->texts, key);
    size_t *counter = map_get(&z->counters, form);
    if (str_find(form, '#') == form.n)
        return form;
    if (known)
        return *known;
    if (!counter)
        map_put(&z->counters, form, counter = ARENA_NEW(z->arena, size_t));
    known = ARENA_NEW(z->arena, struct str);
    *known = number_form(z->arena, form, ++*counter);
    map_put(&z->texts, key, known);
    return *known;
}

static void anonymize_object(struct anonymizer *z, const struct shape *shape, struct node *object);

static void anonymize_value(struct anonymizer *z, const struct shape_field *f, const struct node *form,
                            struct node *value)
{
    if (value->kind == NODE_ARRAY) {
        for (struct node *n = value->first; n; n = n->next)
            anonymize_value(z, f, form, n);
    } else if (value->kind == NODE_OBJECT && f->object) {
        anonymize_object(z, f->object, value);
    } else if (form && value->kind == NODE_STRING) {
        value->text = replacement(z, form->text, value->text);
    }
}

/* A form that is empty leaves the member out: the default of the file holds. */
static void anonymize_object(struct anonymizer *z, const struct shape *shape, struct node *object)
{
    struct node *next;
    for (struct node *n = object->first; n; n = next) {
        const struct shape_field *f = shape_find(shape, n->name);
        struct str member = CONCAT(z->arena, str_from(shape->name), STR("."), n->name);
        const struct node *form = node_find(z->forms, member);
        next = n->next;
        if (form && form->text.n == 0)
            node_remove(object, n);
        else if (f)
            anonymize_value(z, f, form, n);
    }
}

void import_anonymize(struct import *im, struct node *world)
{
    struct anonymizer z = {.arena = im->arena, .forms = node_find(im->plan, STR("anonymize"))};
    map_init(&z.texts, im->arena);
    map_init(&z.counters, im->arena);
    anonymize_object(&z, &world_file_shape, world);
}
