// SPDX-License-Identifier: GPL-2.0

//! `ForLt!` and `CovariantForLt!`: a type with a lifetime hole, as a type.
//!
//! Input: `[Lt] [WithLt] [PhantomData] N TYPE`. The first two are paths that only
//! `kernel::types::for_lt` can name; its macros hand them in with their own hygiene. `N` is 1 where
//! the type must be covariant, and 0 otherwise. The output names nothing by a path of its own,
//! because a driver can give any crate the name `core`.
//!
//! Output: `Lt<dyn for<'of> WithLt<'of, Of = TYPE>, { checks; N }>`. The checks stand in a constant
//! that the compiler must type-check before the type exists. They name `TYPE` through an alias,
//! where no lifetime can be left out.

use proc_macro2::{Group, Span, TokenStream};
use quote::quote;
use syn::{
    BoundLifetimes, Error, Expr, ExprPath, Lifetime, LitInt, ParenthesizedGenericArguments, Token,
    Type, TypeBareFn, TypeImplTrait, TypeInfer, TypeMacro, TypeParamBound, TypeReference,
    parse::{Parse, ParseStream, Parser},
    visit_mut::{self, VisitMut},
};

struct Input {
    carrier: Group,
    family: Group,
    phantom: Group,
    covariant: bool,
    hole: Option<Lifetime>,
    ty: Type,
}

impl Parse for Input {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let carrier = input.parse()?;
        let family = input.parse()?;
        let phantom = input.parse()?;
        let covariant = input.parse::<LitInt>()?.base10_parse::<u8>()? == 1;
        if input.is_empty() {
            return Err(Error::new(
                Span::call_site(),
                "expected a type, such as `Bar<'_>` or `for<'a> Pair<'a, 'a>`",
            ));
        }
        let hole = if input.peek(Token![for]) && binder_of_whole(input)? {
            let binder: BoundLifetimes = input.parse()?;
            Some(sole_lifetime(&binder)?)
        } else {
            None
        };
        let ty = input.parse()?;
        Ok(Self {
            carrier,
            family,
            phantom,
            covariant,
            hole,
            ty,
        })
    }
}

/// Distinguishes `for<'a> Type<'a>`, where the binder makes the hole, from `for<'a> fn(&'a u8)`,
/// where it belongs to the type.
fn binder_of_whole(input: ParseStream<'_>) -> syn::Result<bool> {
    let ahead = input.fork();
    ahead.parse::<BoundLifetimes>()?;
    let is_fn = ahead.peek(Token![fn]) || ahead.peek(Token![unsafe]) || ahead.peek(Token![extern]);
    Ok(!is_fn)
}

fn sole_lifetime(binder: &BoundLifetimes) -> syn::Result<Lifetime> {
    match (binder.lifetimes.first(), binder.lifetimes.len()) {
        (Some(syn::GenericParam::Lifetime(param)), 1) => Ok(param.lifetime.clone()),
        _ => Err(Error::new_spanned(
            binder,
            "the hole is one lifetime: write `for<'a> Type<'a>`",
        )),
    }
}

/// The message for syntax that has no name in `syn`, and so was not examined.
const UNKNOWN: &str = "this syntax is not known here: name the type with `type` and use that name";

/// Puts one lifetime in every open place of a type, and refuses types that the checks could not
/// vouch for.
struct FillHole {
    hole: Option<Lifetime>,
    fill: Lifetime,
    bound: Vec<Lifetime>,
    errors: Option<Error>,
}

impl FillHole {
    fn refuse(&mut self, error: Error) {
        match &mut self.errors {
            Some(errors) => errors.combine(error),
            None => self.errors = Some(error),
        }
    }

    fn with_binder(&mut self, binder: Option<&BoundLifetimes>, visit: impl FnOnce(&mut Self)) {
        let outer = self.bound.len();
        for param in binder.iter().flat_map(|binder| &binder.lifetimes) {
            if let syn::GenericParam::Lifetime(param) = param {
                self.bound.push(param.lifetime.clone());
            }
        }
        visit(self);
        self.bound.truncate(outer);
    }
}

impl VisitMut for FillHole {
    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        let is_hole = match &self.hole {
            Some(hole) => hole == lifetime,
            None => lifetime.ident == "_",
        };
        if is_hole {
            *lifetime = Lifetime {
                apostrophe: lifetime.apostrophe,
                ..self.fill.clone()
            };
        } else if lifetime.ident != "static" && !self.bound.contains(lifetime) {
            self.refuse(Error::new_spanned(
                &*lifetime,
                "only `'static` and the hole (`'_`, or the lifetime of a leading `for<..>`) may stand here: \
                 a lifetime of the surrounding item would be mistaken for one that lives as long as the hole",
            ));
        }
    }

    fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
        match &mut reference.lifetime {
            Some(lifetime) => self.visit_lifetime_mut(lifetime),
            None if self.hole.is_none() => reference.lifetime = Some(self.fill.clone()),
            None => self.refuse(Error::new_spanned(
                reference.and_token,
                "name the lifetime of this reference: a leading `for<..>` leaves none to be guessed",
            )),
        }
        self.visit_type_mut(&mut reference.elem);
    }

    // Lifetimes left out in the types of a function belong to the function.
    fn visit_type_bare_fn_mut(&mut self, function: &mut TypeBareFn) {
        let binder = function.lifetimes.clone();
        self.with_binder(binder.as_ref(), |this| {
            let mut inner = NamedOnly(this);
            for input in &mut function.inputs {
                inner.visit_type_mut(&mut input.ty);
            }
            inner.visit_return_type_mut(&mut function.output);
        });
    }

    fn visit_parenthesized_generic_arguments_mut(
        &mut self,
        arguments: &mut ParenthesizedGenericArguments,
    ) {
        let mut inner = NamedOnly(self);
        for input in &mut arguments.inputs {
            inner.visit_type_mut(input);
        }
        inner.visit_return_type_mut(&mut arguments.output);
    }

    fn visit_type_mut(&mut self, ty: &mut Type) {
        match ty {
            Type::Verbatim(_) => self.refuse(Error::new_spanned(ty, UNKNOWN)),
            _ => visit_mut::visit_type_mut(self, ty),
        }
    }

    fn visit_type_param_bound_mut(&mut self, bound: &mut TypeParamBound) {
        match bound {
            TypeParamBound::Trait(_) | TypeParamBound::Lifetime(_) => {
                visit_mut::visit_type_param_bound_mut(self, bound);
            }
            _ => self.refuse(Error::new_spanned(bound, UNKNOWN)),
        }
    }

    fn visit_trait_bound_mut(&mut self, bound: &mut syn::TraitBound) {
        let binder = bound.lifetimes.clone();
        self.with_binder(binder.as_ref(), |this| this.visit_path_mut(&mut bound.path));
    }

    fn visit_type_macro_mut(&mut self, ty: &mut TypeMacro) {
        self.refuse(Error::new_spanned(
            ty,
            "a macro could mean one type where it is checked and another where it is used: \
             name its type with `type` and use that name",
        ));
    }

    fn visit_type_impl_trait_mut(&mut self, ty: &mut TypeImplTrait) {
        self.refuse(Error::new_spanned(
            ty,
            "`impl Trait` is not one type: name the type",
        ));
    }

    fn visit_type_infer_mut(&mut self, ty: &mut TypeInfer) {
        self.refuse(Error::new_spanned(
            ty,
            "`_` is not allowed here: name the type",
        ));
    }

    // The visit of a type reaches all constants in it.
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        let is_name = |path: &ExprPath| {
            let mut segments = path.path.segments.iter();
            path.qself.is_none() && segments.all(|segment| segment.arguments.is_none())
        };
        let plain = match expr {
            Expr::Lit(_) => true,
            Expr::Path(path) => is_name(path),
            _ => false,
        };
        if !plain {
            self.refuse(Error::new_spanned(
                expr,
                "only a literal or a constant's name may stand here: \
                 name the type with `type` and use that name",
            ));
        }
    }
}

/// The visitor inside the types of a function: it handles named lifetimes, and leaves elided ones
/// as they are.
struct NamedOnly<'a>(&'a mut FillHole);

impl VisitMut for NamedOnly<'_> {
    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident != "_" {
            self.0.visit_lifetime_mut(lifetime);
        }
    }

    fn visit_type_mut(&mut self, ty: &mut Type) {
        match ty {
            Type::Macro(_)
            | Type::ImplTrait(_)
            | Type::Infer(_)
            | Type::BareFn(_)
            | Type::Verbatim(_) => {
                self.0.visit_type_mut(ty);
            }
            _ => visit_mut::visit_type_mut(self, ty),
        }
    }

    fn visit_type_param_bound_mut(&mut self, bound: &mut TypeParamBound) {
        match bound {
            TypeParamBound::Trait(_) | TypeParamBound::Lifetime(_) => {
                visit_mut::visit_type_param_bound_mut(self, bound);
            }
            _ => self.0.visit_type_param_bound_mut(bound),
        }
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        self.0.visit_expr_mut(expr);
    }
}

/// Expands both macros; see the head of the module.
pub(crate) fn for_lt(input: TokenStream) -> syn::Result<TokenStream> {
    let Input {
        carrier,
        family,
        phantom,
        covariant,
        hole,
        mut ty,
    } = Input::parse.parse2(input)?;
    let fill = Lifetime::new("'__of", Span::mixed_site());
    let mut visitor = FillHole {
        hole,
        fill: fill.clone(),
        bound: Vec::new(),
        errors: None,
    };
    visitor.visit_type_mut(&mut ty);
    if let Some(errors) = visitor.errors {
        return Err(errors);
    }

    let (carrier, family, phantom) = (carrier.stream(), family.stream(), phantom.stream());
    let outlives = quote! {
        fn outlives_the_hole<#fill>() {
            fn holds<'x, T: 'x>() {}
            holds::<#fill, Of<#fill>>();
        }
    };
    let shortens = covariant.then(|| {
        quote! {
            // Nothing coerces inside `PhantomData`, so only a subtype is accepted.
            fn shortens<'short, 'long: 'short>(
                long: #phantom<Of<'long>>,
            ) -> #phantom<Of<'short>> {
                long
            }
        }
    });
    let number = if covariant { quote!(1) } else { quote!(0) };
    Ok(quote! {
        #carrier<
            dyn for<#fill> #family<#fill, Of = #ty>,
            {
                #[allow(dead_code, unused_lifetimes, reason = "for the compiler to check")]
                type Of<#fill> = #ty;
                #[allow(dead_code, reason = "for the compiler to check")]
                #outlives
                #[allow(dead_code, reason = "for the compiler to check")]
                #shortens
                #number
            }
        >
    })
}
