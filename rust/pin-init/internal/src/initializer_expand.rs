// SPDX-License-Identifier: GPL-2.0

//! The code that `init!` and its siblings generate.
//!
//! ```text
//! let data = pin_data_of(|| T { every: conjure(), field: conjure() });   // T, and all fields once
//! let init = pin_closure::<_, _, Error>(data, move |slot| {
//!     let mut guard = data.every(slot).write(value);                // owns the field from here on
//!     let mut every = FieldGuard::access(&mut guard);               // what later entries see
//!     ..
//!     give_up(guard);
//!     Ok(unsafe { Done::new() })
//! });
//! unsafe { pin_init_from_macro(init) }
//! ```
//!
//! The closure given to `pin_data_of` is never called. It is a plain struct literal. So the
//! compiler itself checks that each field stands there exactly once, and honours `cfg`, visibility
//! and generics.
//!
//! A second literal, with `..base`, proves that the type is a struct: a literal of an enum's
//! variant or of a union can have no base. So the name of a field always means the struct's own
//! field, and not one that `Deref` leads to.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote_spanned};
use syn::{Attribute, Error, Expr, Member, Type};

use crate::initializer::{self, Initializer, Step, StepKind, ZeroTail, tail_span};
use crate::util::{cfgs, hidden_at, hidden_braces};

/// Which of the four macros is expanded.
#[derive(Clone, Copy)]
pub(crate) struct Flavor {
    /// Its name.
    pub(crate) name: &'static str,
    /// Whether the struct is pinned while and after it is initialised.
    pinned: bool,
    /// Whether the error type is `Infallible` unless written.
    infallible: bool,
}

impl Flavor {
    /// `init!`
    pub(crate) const INIT: Self = Self {
        name: "init",
        pinned: false,
        infallible: true,
    };
    /// `try_init!`
    pub(crate) const TRY_INIT: Self = Self {
        name: "try_init",
        pinned: false,
        infallible: false,
    };
    /// `pin_init!`
    pub(crate) const PIN_INIT: Self = Self {
        name: "pin_init",
        pinned: true,
        infallible: true,
    };
    /// `try_pin_init!`
    pub(crate) const TRY_PIN_INIT: Self = Self {
        name: "try_pin_init",
        pinned: true,
        infallible: false,
    };

    /// Returns the macro of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        [
            Self::INIT,
            Self::TRY_INIT,
            Self::PIN_INIT,
            Self::TRY_PIN_INIT,
        ]
        .into_iter()
        .find(|flavor| flavor.name == name)
    }
}

/// The names that the parts of one expansion share. The caller cannot see them.
struct Names {
    span: Span,
    data: Ident,
    slot: Ident,
    flavor: Flavor,
}

/// Expands a call of one of the macros.
pub(crate) fn expand(input: TokenStream, flavor: Flavor) -> TokenStream {
    let expanded = initializer::parse(input).and_then(|parsed| expand_parsed(&parsed, flavor));
    expanded.unwrap_or_else(|error| {
        let error = error.into_compile_error();
        // `compile_error!` is of any type only in a block of its own.
        quote_spanned!(Span::mixed_site()=> { #error })
    })
}

/// Writes the whole expression.
fn expand_parsed(parsed: &Initializer, flavor: Flavor) -> syn::Result<TokenStream> {
    let span = Span::mixed_site();
    let names = Names {
        span,
        data: Ident::new("data", span),
        slot: Ident::new("slot", span),
        flavor,
    };
    let (data, slot) = (&names.data, &names.slot);
    let error = error_type(parsed, flavor)?;
    let literal = literal(parsed, flavor, span);
    let zero = parsed.tail.as_ref().map(|tail| {
        let place = hidden_at(tail_span(tail));
        let slot = Ident::new("slot", place);
        // Without a path, errors about the tail point at the tail.
        let call = quote_spanned!(place=> zero(#slot));
        // SAFETY: `zero` requires writable, aligned memory for the struct; the closure requires the
        // same of its caller.
        quote_spanned! {span=>
            __ours_unsafe {
                use __ours_root::__internal::zero;
                #call
            };
        }
    });
    let this = parsed.this.as_ref().map(|this| {
        // SAFETY: `new_unchecked` requires a pointer that is not null; `slot` points to memory.
        quote_spanned!(span=> let #this = __ours_unsafe { __ours_root::__internal::core::ptr::NonNull::new_unchecked(#slot) };)
    });
    let steps = parsed.steps.iter().map(|step| expand_step(step, &names));
    let give_ups = parsed.steps.iter().filter_map(|step| give_up(step, span));
    let (data_of, closure, from_macro) = match flavor.pinned {
        true => ("pin_data_of", "pin_closure", "pin_init_from_macro"),
        false => ("init_data_of", "init_closure", "init_from_macro"),
    };
    let [data_of, closure, from_macro] =
        [data_of, closure, from_macro].map(|name| Ident::new(name, span));
    Ok(quote_spanned! {span=>
        {
            let #data = __ours_root::__internal::#data_of(|| { #literal });
            let init = __ours_root::__internal::#closure::<_, _, #error>(#data, move |#slot| {
                #zero
                #this
                #(#steps)*
                #(#give_ups)*
                // SAFETY: `new` requires that every field is initialised and owned by nobody else.
                // The steps initialise the fields of the literal above, and the guards are gone.
                __ours_root::__internal::core::result::Result::Ok(__ours_unsafe { __ours_root::__internal::Done::new() })
            });
            // SAFETY: the function requires a closure made by this macro; it is made above.
            __ours_unsafe { __ours_root::__internal::#from_macro(init) }
        }
    })
}

/// Returns the type after `?`, or the default.
fn error_type(parsed: &Initializer, flavor: Flavor) -> syn::Result<TokenStream> {
    let written: Option<&Type> = parsed.error.as_ref().or(parsed.default_error.as_ref());
    match written {
        Some(ty) => Ok(ty.to_token_stream()),
        None if flavor.infallible => Ok(
            quote_spanned!(Span::mixed_site()=> __ours_root::__internal::core::convert::Infallible),
        ),
        None => {
            let name = flavor.name;
            let message =
                format!("`{name}!` needs an error type: `? ErrorType` after the closing brace");
            Err(Error::new_spanned(&parsed.path, message))
        }
    }
}

/// Writes the struct literal that is type-checked and never run.
fn literal(parsed: &Initializer, flavor: Flavor, span: Span) -> TokenStream {
    let path = &parsed.path;
    let members = || {
        parsed.steps.iter().filter_map(|step| match &step.kind {
            StepKind::Value(member, _) | StepKind::Init(member, _) => {
                Some((cfgs(&step.attrs), member))
            }
            StepKind::Code(_) => None,
        })
    };
    let fields = || {
        members().map(|(cfgs, member)| {
            quote_spanned!(span=> #(#cfgs)* #member: __ours_root::__internal::conjure(),)
        })
    };
    let (first, again) = (fields(), fields());
    let base = Ident::new("whole", hidden_at(syn::spanned::Spanned::span(path)));
    // `#[pin_data]` has already checked that.
    let references = members().filter(|_| !flavor.pinned).map(|(cfgs, member)| {
        let place = hidden_at(syn::spanned::Spanned::span(member));
        let field = quote_spanned!(place=> &whole.#member);
        quote_spanned!(span=> #(#cfgs)* __ours_root::__internal::can_be_referenced(#field);)
    });
    let (check, rest) = match &parsed.tail {
        None => (None, None),
        Some(ZeroTail::Function(function)) => {
            let call = quote_spanned!(span=> #function());
            let value = match function.path.segments.last() {
                Some(last) if last.ident == "zeroed" => call,
                _ => quote_spanned!(span=> __ours_root::__internal::value_of_init(#call)),
            };
            (None, Some(quote_spanned!(span=> ..#value)))
        }
        Some(ZeroTail::Trait(path)) => {
            // This names the trait as the caller did, so that the trait has to exist and counts as
            // used.
            let check = quote_spanned!(span=> fn names_the_trait<T: #path>() {});
            let rest = quote_spanned!(span=> ..__ours_root::__internal::conjure());
            (Some(check), Some(rest))
        }
    };
    // Only the literal of a struct can have a base. The literal takes no field from this base: the
    // compiler refuses that for a type with a destructor. If there is a `rest`, the first literal
    // has a base.
    let again = rest.is_none().then(|| {
        quote_spanned! {span=>
            #[allow(clippy::needless_update, reason = "the base proves a struct")]
            let whole = #path { #(#again)* ..#base };
        }
    });
    quote_spanned! {span=>
        #check
        let whole = #path { #(#first)* #rest };
        #(#references)*
        #again
        whole
    }
}

/// Writes the statements of one step.
fn expand_step(step: &Step, names: &Names) -> TokenStream {
    let span = names.span;
    let attrs = &step.attrs;
    let (member, value) = match &step.kind {
        StepKind::Code(block) => {
            // With the caller's braces, the lint `unused_braces` would advise removing them.
            let statements = &block.stmts;
            let block = hidden_braces(quote_spanned!(span=> #(#statements)*));
            return quote_spanned!(span=> #(#attrs)* #block);
        }
        StepKind::Value(member, value) => (member, write(member, value, names)),
        StepKind::Init(member, init) => (member, run(member, init, names)),
    };
    let guard = guard(member);
    let Member::Named(name) = member else {
        return quote_spanned!(span=> #(#attrs)* let #guard = #value;);
    };
    let cfgs = cfgs(attrs);
    let place = hidden_at(name.span());
    let access = quote_spanned!(place=> __ours_root::__internal::FieldGuard::access(&mut #guard));
    // Code with such a field has allowed the lint at the struct; other code does not get the
    // attribute.
    let odd_name = name.to_string().contains(char::is_uppercase);
    let allow = odd_name
        .then(|| quote_spanned!(span=> #[allow(non_snake_case, reason = "named as the field is")]));
    quote_spanned! {span=>
        #(#attrs)*
        let mut #guard = #value;
        #(#cfgs)*
        #allow
        let mut #name = #access;
        #(#cfgs)*
        let _ = &mut #name;
    }
}

/// Writes `name: value`.
fn write(member: &Member, value: &Expr, names: &Names) -> TokenStream {
    let slot = field_slot(member, names);
    quote_spanned!(names.span=> #slot.write(#value))
}

/// Writes `name <- initialiser`.
fn run(member: &Member, init: &Expr, names: &Names) -> TokenStream {
    let slot = field_slot(member, names);
    let place = hidden_at(syn::spanned::Spanned::span(init));
    let question = quote_spanned!(place=> ?);
    quote_spanned!(names.span=> #slot.init(#init)#question)
}

/// Writes the slot of a field; its type knows whether the field is pinned.
fn field_slot(member: &Member, names: &Names) -> TokenStream {
    let Names {
        span,
        data,
        slot,
        flavor,
    } = names;
    let span = *span;
    let field = if flavor.pinned {
        let method = match member {
            Member::Named(name) => name.clone(),
            Member::Unnamed(index) => format_ident!("_{}", index.index, span = index.span),
        };
        quote_spanned!(span=> #data.#method(#slot))
    } else {
        quote_spanned!(span=> __ours_root::__internal::Slot::new(&raw mut (*#slot).#member))
    };
    // SAFETY: both functions require memory for the struct, aligned and writable, whose field is
    // not initialised and has no other slot. The literal allows each field once, and the closure
    // requires the memory of its caller.
    quote_spanned!(span=> __ours_root::__internal::field_slot(__ours_unsafe { #field }))
}

/// Returns the name of the local that owns an initialised field.
fn guard(member: &Member) -> Ident {
    match member {
        Member::Named(name) => format_ident!("guard_{}", name, span = hidden_at(name.span())),
        Member::Unnamed(index) => {
            format_ident!("guard_{}", index.index, span = hidden_at(index.span))
        }
    }
}

/// Gives the ownership of a field to the finished struct.
fn give_up(step: &Step, span: Span) -> Option<TokenStream> {
    let attrs: &[Attribute] = &step.attrs;
    match &step.kind {
        StepKind::Value(member, _) | StepKind::Init(member, _) => {
            let (guard, cfgs) = (guard(member), cfgs(attrs));
            Some(quote_spanned!(span=> #(#cfgs)* __ours_root::__internal::give_up(#guard);))
        }
        StepKind::Code(_) => None,
    }
}
