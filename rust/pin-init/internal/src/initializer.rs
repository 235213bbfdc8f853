// SPDX-License-Identifier: GPL-2.0

//! The grammar of `init!` and its siblings.
//!
//! ```text
//! [#[default_error(Type)]] [&this in] Path { [field,]* [..zeroed] } [? Type]
//! field:   attributes  name: value  |  name  |  name <- initialiser  |  _: { statements }
//! zeroed:  Zeroable::init_zeroed()  |  pin_init::zeroed()
//! ```

use proc_macro2::{Span, TokenStream};
use syn::parse::discouraged::Speculative;
use syn::parse::{Parse, ParseStream};
use syn::visit_mut::VisitMut;
use syn::{Attribute, Block, Error, Expr, ExprPath, Ident, Member, Path, Token, Type};
use syn::{braced, token};

use crate::operands::KeepTogether;
use crate::util::Errors;

/// A parsed macro input.
pub(crate) struct Initializer {
    /// The error type to use if none is written.
    pub(crate) default_error: Option<Type>,
    /// The name in `&this in`.
    pub(crate) this: Option<Ident>,
    /// The struct.
    pub(crate) path: Path,
    /// The steps, in order.
    pub(crate) steps: Vec<Step>,
    /// The tail: `..Zeroable::init_zeroed()` or the like.
    pub(crate) tail: Option<ZeroTail>,
    /// The type in `? Type`.
    pub(crate) error: Option<Type>,
}

/// One entry between the braces.
pub(crate) struct Step {
    /// The attributes, except for documentation.
    pub(crate) attrs: Vec<Attribute>,
    /// The action.
    pub(crate) kind: StepKind,
}

/// The action of a [`Step`].
pub(crate) enum StepKind {
    /// `name: value`, or `name`.
    Value(Member, Expr),
    /// `name <- initialiser`.
    Init(Member, Expr),
    /// `_: { statements }`.
    Code(Block),
}

/// The all-zero rest of a struct.
pub(crate) enum ZeroTail {
    /// A method of the trait at this path.
    Trait(Path),
    /// A function of `pin_init`.
    Function(ExprPath),
}

impl Parse for Initializer {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut errors = Errors::default();
        let default_error = parse_default_error(input, &mut errors)?;
        let this = parse_this(input)?;
        let path = parse_path(input)?;
        let content;
        braced!(content in input);
        let (steps, tail) = parse_steps(&content, &mut errors);
        let error = match input.parse::<Option<Token![?]>>()? {
            Some(_) => Some(input.parse()?),
            None => None,
        };
        if !input.is_empty() {
            errors.push(input.error("expected `? ErrorType` or the end of the macro"));
        }
        errors.into_result()?;
        Ok(Self {
            default_error,
            this,
            path,
            steps,
            tail,
            error,
        })
    }
}

/// Parses `#[default_error(Type)]`, the only attribute of the whole.
fn parse_default_error(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Option<Type>> {
    let mut found = None;
    for attr in input.call(Attribute::parse_outer)? {
        if attr.path().is_ident("default_error") {
            found = Some(attr.parse_args()?);
        } else {
            errors.at(&attr, "attributes belong on the fields");
        }
    }
    Ok(found)
}

/// Parses `&this in`.
fn parse_this(input: ParseStream<'_>) -> syn::Result<Option<Ident>> {
    if input.parse::<Option<Token![&]>>()?.is_none() {
        return Ok(None);
    }
    let this = input.parse()?;
    input.parse::<Token![in]>()?;
    Ok(Some(this))
}

/// Parses the path of the struct. `Foo<T>` becomes `Foo::<T>`, which a struct literal needs.
fn parse_path(input: ParseStream<'_>) -> syn::Result<Path> {
    let mut path: Path = input.parse()?;
    for segment in &mut path.segments {
        if let syn::PathArguments::AngleBracketed(arguments) = &mut segment.arguments {
            let place = crate::util::hidden_at(arguments.lt_token.span);
            arguments
                .colon2_token
                .get_or_insert_with(|| Token![::](place));
        }
    }
    Ok(path)
}

/// Parses all entries between the braces. After an error, it continues behind the next comma.
fn parse_steps(content: ParseStream<'_>, errors: &mut Errors) -> (Vec<Step>, Option<ZeroTail>) {
    let mut steps = Vec::new();
    while !content.is_empty() {
        if content.peek(Token![..]) {
            let tail = parse_tail(content).and_then(|tail| {
                if content.is_empty() {
                    return Ok(tail);
                }
                Err(content.error("the `..` part has to be the last"))
            });
            return match tail {
                Ok(tail) => (steps, Some(tail)),
                Err(error) => {
                    errors.push(error);
                    skip(content, |_| false);
                    (steps, None)
                }
            };
        }
        let ahead = content.fork();
        let step = ahead.parse::<Step>().and_then(|step| {
            if ahead.is_empty() || ahead.peek(Token![,]) {
                return Ok(step);
            }
            Err(ahead.error("expected `,`"))
        });
        match step {
            Ok(step) => {
                content.advance_to(&ahead);
                steps.push(step);
            }
            Err(error) => {
                errors.push(error);
                skip(content, |rest| rest.peek(Token![,]));
            }
        }
        // Only a comma can stand here; an error could only repeat an earlier one.
        let _ = content.parse::<Option<Token![,]>>();
    }
    (steps, None)
}

/// Skips tokens until `stop` or the end.
fn skip(content: ParseStream<'_>, stop: impl Fn(ParseStream<'_>) -> bool) {
    while !content.is_empty() && !stop(content) {
        if content.parse::<proc_macro2::TokenTree>().is_err() {
            return;
        }
    }
}

impl Parse for Step {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut attrs = input.call(Attribute::parse_outer)?;
        attrs.retain(|attr| !attr.path().is_ident("doc"));
        check_attrs(&attrs)?;
        let kind = if input.parse::<Option<Token![_]>>()?.is_some() {
            input.parse::<Token![:]>()?;
            if !input.peek(token::Brace) {
                return Err(input.error("expected a block: `_: { statements }`"));
            }
            StepKind::Code(input.parse()?)
        } else {
            parse_field(input)?
        };
        Ok(Self { attrs, kind })
    }
}

/// Accepts `cfg` and lint levels. The expansion has to know which attributes remove an entry. An
/// attribute macro could rewrite the statement that owns a field.
fn check_attrs(attrs: &[Attribute]) -> syn::Result<()> {
    const ACCEPTED: [&str; 6] = ["cfg", "allow", "expect", "warn", "deny", "forbid"];
    let mut errors = Errors::default();
    for attr in attrs {
        if !ACCEPTED.iter().any(|name| attr.path().is_ident(name)) {
            errors.at(attr, "only `cfg` and lint attributes can stand here");
        }
    }
    errors.into_result()
}

/// Parses `name: value`, `name <- initialiser` or `name`.
fn parse_field(input: ParseStream<'_>) -> syn::Result<StepKind> {
    let expected = "expected a field name, `_: { .. }` or `..Zeroable::init_zeroed()`";
    let member: Member = if input.peek(Ident) || input.peek(syn::LitInt) {
        input.parse()?
    } else {
        return Err(input.error(expected));
    };
    if input.peek(Token![<-]) {
        input.parse::<Token![<-]>()?;
        return Ok(StepKind::Init(member, input.parse()?));
    }
    if input.peek(Token![:]) {
        input.parse::<Token![:]>()?;
        return Ok(StepKind::Value(member, input.parse()?));
    }
    match &member {
        Member::Named(name) if input.is_empty() || input.peek(Token![,]) => {
            let value = Expr::Path(ExprPath {
                attrs: Vec::new(),
                qself: None,
                path: name.clone().into(),
            });
            Ok(StepKind::Value(member, value))
        }
        _ => Err(input.error("expected `:` or `<-`")),
    }
}

/// Parses `..` and one of the accepted calls.
fn parse_tail(input: ParseStream<'_>) -> syn::Result<ZeroTail> {
    let dots: Token![..] = input.parse()?;
    let message = "expected `..Zeroable::init_zeroed()` or `..pin_init::zeroed()`";
    let call: Expr = match input.is_empty() {
        true => return Err(Error::new_spanned(dots, message)),
        false => input.parse()?,
    };
    let error = Error::new_spanned(&call, message);
    let Expr::Call(call) = call else {
        return Err(error);
    };
    let Expr::Path(function) = *call.func else {
        return Err(error);
    };
    let mut owner = function.path.clone();
    let last = owner.segments.pop();
    let name = last.map(|pair| pair.into_value().ident.to_string());
    let known = matches!(name.as_deref(), Some("init_zeroed" | "zeroed"));
    owner.segments.pop_punct();
    if !known || !call.args.is_empty() || function.qself.is_some() {
        return Err(error);
    }
    match owner.segments.last() {
        Some(last) if last.ident == "Zeroable" => Ok(ZeroTail::Trait(owner)),
        Some(last) if last.ident == "pin_init" => Ok(ZeroTail::Function(function)),
        _ => Err(error),
    }
}

/// Returns the place of the tail, for errors about `Zeroable`.
pub(crate) fn tail_span(tail: &ZeroTail) -> Span {
    match tail {
        ZeroTail::Trait(path) => syn::spanned::Spanned::span(path),
        ZeroTail::Function(function) => syn::spanned::Spanned::span(function),
    }
}

/// Parses the input of one of the macros.
pub(crate) fn parse(input: TokenStream) -> syn::Result<Initializer> {
    let mut parsed: Initializer = syn::parse2(input)?;
    for step in &mut parsed.steps {
        match &mut step.kind {
            StepKind::Value(_, expr) | StepKind::Init(_, expr) => KeepTogether.visit_expr_mut(expr),
            StepKind::Code(block) => KeepTogether.visit_block_mut(block),
        }
    }
    Ok(parsed)
}
